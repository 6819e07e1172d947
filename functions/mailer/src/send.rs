//! Handing a mail to SES.

use std::time::Duration;

use aws_sdk_ses::Client;
use aws_sdk_ses::config::Builder;
use aws_sdk_ses::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ses::operation::send_email::SendEmailError;
use aws_sdk_ses::types::{Body, Content, Destination, Message, MessageTag};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use outbox::Mail;
use platform::Host;
use wire::Fault;

use crate::rules::{Verdict, judge};

/// How long SES may take. Whoever gives up early does not know whether the mail went out.
const PATIENCE: Duration = Duration::from_secs(6);

/// The way to SES.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    client: Client,
    from: String,
    configuration_set: String,
}

/// Why a mail is not with SES, or not surely.
#[derive(Debug)]
pub(crate) struct Unsent {
    /// What that means for the mail.
    pub(crate) verdict: Verdict,
    /// The reason, without the words of SES: those may cite addresses.
    pub(crate) fault: Fault,
}

impl Post {
    /// The way to SES that the variables describe.
    pub(crate) fn open(host: &Host) -> Result<Self, Fault> {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(PATIENCE)
            .operation_timeout(PATIENCE)
            .build();
        // SES knows no repeated request from a new one: a retry after a lost answer would be a second mail.
        let config =
            Builder::from(&host.sdk("SES")?).retry_config(RetryConfig::disabled()).timeout_config(timeouts);
        Ok(Self {
            client: Client::from_conf(config.build()),
            from: host.env.require("MERCATO_MAIL_FROM")?.to_owned(),
            configuration_set: host.env.require("MERCATO_MAIL_CONFIGURATION_SET")?.to_owned(),
        })
    }

    /// Sends a mail and answers with the id that SES gave it.
    pub(crate) async fn send(&self, mail: &Mail, to: &str, template: &str) -> Result<String, Unsent> {
        let (context, name) = template.split_once('/').unwrap_or(("", template));
        let body = Body::builder().text(utf8(&mail.text)).html(utf8(&mail.html)).build();
        let message = Message::builder().subject(utf8(&mail.subject)).body(body).build();
        let answer = self
            .client
            .send_email()
            .source(&self.from)
            .destination(Destination::builder().to_addresses(to).build())
            .message(message)
            .configuration_set_name(&self.configuration_set)
            .tags(tag("context", context))
            .tags(tag("template", name))
            .send()
            .await;
        answer.map(|answer| answer.message_id).map_err(|error| unsent(&error))
    }
}

fn utf8(text: &str) -> Content {
    Content::builder().data(text).charset("UTF-8").build().expect("every required part is given")
}

fn tag(name: &str, value: &str) -> MessageTag {
    MessageTag::builder().name(name).value(value).build().expect("every required part is given")
}

fn unsent(error: &SdkError<SendEmailError>) -> Unsent {
    let (verdict, text) = match error {
        SdkError::ServiceError(answer) => {
            let code = answer.err().code().unwrap_or_default();
            let words = answer.err().message().unwrap_or_default();
            let blames_itself = answer.raw().status().is_server_error();
            (judge(code, words, blames_itself), format!("SES answered {code}"))
        }
        SdkError::ConstructionFailure(_) => (Verdict::Broken, format!("no request could be made: {error}")),
        _ => (Verdict::Unknown, format!("SES gave no answer: {error}")),
    };
    let fault = if verdict == Verdict::Broken { Fault::bug(text) } else { Fault::busy(text) };
    Unsent { verdict, fault }
}
