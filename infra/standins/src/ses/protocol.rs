//! The query protocol of SES v1: forms in, XML out.

use std::collections::{BTreeMap, HashMap};

use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::mail::{Mail, address};
use super::mailbox::Mailbox;
use crate::answer::{Refusal, escape, respond};
use crate::front::Call;

impl Mailbox {
    pub(crate) fn answer(&self, call: &Call<'_>) -> Response {
        let form = Form(serde_urlencoded::from_bytes(&call.body).unwrap_or_default());
        let action = form.text("Action").unwrap_or_default();
        let sent = match action {
            "SendEmail" => self.send(&form),
            "SendRawEmail" => self.send_raw(&form),
            _ => Err(Refusal::new("InvalidAction", format!("Could not find operation {action} locally."))),
        };
        let request = uuid::Uuid::now_v7();
        let (status, body) = match sent {
            Ok(id) => (
                StatusCode::OK,
                format!(
                    "<{action}Response xmlns=\"{SPACE}\"><{action}Result><MessageId>{id}</MessageId>\
                     </{action}Result><ResponseMetadata><RequestId>{request}</RequestId></ResponseMetadata>\
                     </{action}Response>"
                ),
            ),
            Err(refusal) => (
                refusal.status,
                format!(
                    "<ErrorResponse xmlns=\"{SPACE}\"><Error><Type>{}</Type><Code>{}</Code><Message>{}</Message>\
                     </Error><RequestId>{request}</RequestId></ErrorResponse>",
                    if refusal.status.is_client_error() { "Sender" } else { "Receiver" },
                    refusal.code,
                    escape(&refusal.message),
                ),
            ),
        };
        respond(status, "text/xml", body)
    }

    fn send(&self, form: &Form) -> Result<String, Refusal> {
        self.take(Mail {
            from: form.required("Source")?.to_owned(),
            to: form.list("Destination.ToAddresses"),
            cc: form.list("Destination.CcAddresses"),
            bcc: form.list("Destination.BccAddresses"),
            reply_to: form.list("ReplyToAddresses"),
            subject: form.required("Message.Subject.Data")?.to_owned(),
            text: form.text("Message.Body.Text.Data").map(str::to_owned),
            html: form.text("Message.Body.Html.Data").map(str::to_owned),
            ..form.envelope(Mail::new(self.now()))
        })
    }

    fn send_raw(&self, form: &Form) -> Result<String, Refusal> {
        let unreadable = || Refusal::new("InvalidParameterValue", "Error parsing raw message content.");
        let raw = BASE64_STANDARD.decode(form.required("RawMessage.Data")?).map_err(|_| unreadable())?;
        let mut mail = Mail::new(self.now()).read(&raw).ok_or_else(unreadable)?;
        mail = form.envelope(mail);
        if let Some(source) = form.text("Source") {
            source.clone_into(&mut mail.from);
        }
        let destinations = form.list("Destinations");
        if !destinations.is_empty() {
            // The envelope decides who gets it; whom the headers do not name gets it unseen.
            let named: Vec<_> =
                mail.to.iter().chain(&mail.cc).map(|person| address(person).to_owned()).collect();
            mail.bcc =
                destinations.into_iter().filter(|to| !named.iter().any(|name| name == address(to))).collect();
        }
        self.take(mail)
    }

    fn take(&self, mail: Mail) -> Result<String, Refusal> {
        let recipients: Vec<_> = mail.recipients().collect();
        if recipients.is_empty() {
            return Err(Refusal::new("InvalidParameterValue", "Missing required header 'To'."));
        }
        if let Some(wrong) = recipients.iter().map(String::as_str).find(|recipient| !has_domain(recipient)) {
            return Err(Refusal::new("InvalidParameterValue", format!("Missing final '@domain': {wrong}")));
        }
        if !has_domain(address(&mail.from)) {
            return Err(Refusal::new("InvalidParameterValue", "Missing final '@domain'"));
        }
        self.accept(&mail)?;
        Ok(mail.id)
    }
}

const SPACE: &str = "http://ses.amazonaws.com/doc/2010-12-01/";

fn has_domain(address: &str) -> bool {
    address.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty())
}

/// The members of a request by their dotted names.
struct Form(HashMap<String, String>);

impl Form {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn required(&self, name: &str) -> Result<&str, Refusal> {
        let missing = || {
            Refusal::new(
                "ValidationError",
                format!("Value at '{name}' failed to satisfy constraint: Member must not be null"),
            )
        };
        self.text(name).ok_or_else(missing)
    }

    fn list(&self, name: &str) -> Vec<String> {
        (1..).map_while(|at| self.text(&format!("{name}.member.{at}")).map(str::to_owned)).collect()
    }

    fn tags(&self) -> BTreeMap<String, String> {
        let tag = |at: u32| {
            let part = |part| self.text(&format!("Tags.member.{at}.{part}")).map(str::to_owned);
            Some((part("Name")?, part("Value")?))
        };
        (1..).map_while(tag).collect()
    }

    /// What both operations take beside the mail itself.
    fn envelope(&self, mail: Mail) -> Mail {
        let configuration_set = self.text("ConfigurationSetName").map(str::to_owned);
        Mail { configuration_set, tags: self.tags(), ..mail }
    }
}
