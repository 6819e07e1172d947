//! One mail, as it was sent.

use std::collections::BTreeMap;

use mailparse::{MailAddr, MailAddrList, MailHeaderMap, ParsedMail, SingleInfo};
use serde::{Deserialize, Serialize};
use wire::Stamp;

/// A mail that was accepted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Mail {
    /// The message id that the sender was given.
    pub id: String,
    /// When it was accepted.
    pub at: Stamp,
    /// The sender, as `Name <address>` or the address alone.
    pub from: String,
    /// Who it is for, in the open.
    pub to: Vec<String>,
    /// Who gets a copy.
    pub cc: Vec<String>,
    /// Who gets a copy unseen.
    pub bcc: Vec<String>,
    /// Where answers go.
    pub reply_to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// The text part.
    pub text: Option<String>,
    /// The HTML part.
    pub html: Option<String>,
    /// Headers beyond the usual ones, which only a raw mail can have.
    pub headers: BTreeMap<String, String>,
    /// The configuration set it was sent with.
    pub configuration_set: Option<String>,
    /// The tags it was sent with.
    pub tags: BTreeMap<String, String>,
    /// The whole of a raw mail.
    pub raw: Option<String>,
}

impl Mail {
    /// An empty mail with an id of the form SES gives.
    pub(super) fn new(at: Stamp) -> Mail {
        Mail {
            id: format!("0100{:012x}-{}-000000", at.micros() / 1000, uuid::Uuid::now_v7()),
            at,
            from: String::new(),
            to: Vec::new(),
            cc: Vec::new(),
            bcc: Vec::new(),
            reply_to: Vec::new(),
            subject: String::new(),
            text: None,
            html: None,
            headers: BTreeMap::new(),
            configuration_set: None,
            tags: BTreeMap::new(),
            raw: None,
        }
    }

    /// Fills the mail from its raw form; `None` when that cannot be read.
    pub(super) fn read(mut self, raw: &[u8]) -> Option<Mail> {
        let parsed = mailparse::parse_mail(raw).ok()?;
        for header in parsed.get_headers() {
            let value = header.get_value();
            match header.get_key().to_ascii_lowercase().as_str() {
                "from" => self.from = value,
                "subject" => self.subject = value,
                "to" | "cc" | "bcc" | "reply-to" => {}
                _ => {
                    self.headers.insert(header.get_key(), value);
                }
            }
        }
        self.to = people(&parsed, "To");
        self.cc = people(&parsed, "Cc");
        self.bcc = people(&parsed, "Bcc");
        self.reply_to = people(&parsed, "Reply-To");
        for part in parsed.parts() {
            match part.ctype.mimetype.as_str() {
                "text/plain" if self.text.is_none() => self.text = part.get_body().ok(),
                "text/html" if self.html.is_none() => self.html = part.get_body().ok(),
                _ => {}
            }
        }
        self.raw = Some(String::from_utf8_lossy(raw).into_owned());
        Some(self)
    }

    /// The bare addresses of all recipients, in lower case.
    pub fn recipients(&self) -> impl Iterator<Item = String> {
        [&self.to, &self.cc, &self.bcc]
            .into_iter()
            .flatten()
            .map(|person| address(person).to_ascii_lowercase())
    }
}

/// The address in `Name <address>`.
pub(super) fn address(person: &str) -> &str {
    match person.rsplit_once('<') {
        Some((_, rest)) => rest.trim_end().trim_end_matches('>'),
        None => person.trim(),
    }
}

fn people(mail: &ParsedMail<'_>, header: &str) -> Vec<String> {
    let values = mail.headers.get_all_headers(header);
    let lists = values.into_iter().filter_map(|value| mailparse::addrparse_header(value).ok());
    lists.flat_map(MailAddrList::into_inner).flat_map(each).map(|person| person.to_string()).collect()
}

/// The people that an address stands for.
fn each(address: MailAddr) -> Vec<SingleInfo> {
    match address {
        MailAddr::Single(person) => vec![person],
        MailAddr::Group(group) => group.addrs,
    }
}
