//! What wakes the mailer: mails to send, or word from SES about one that was sent.

use std::collections::BTreeSet;

use platform::queue::Record;
use serde_json::Value;
use wire::Fault;

use crate::suppressions::Reason;

/// An event, read.
#[derive(Debug, PartialEq)]
pub(crate) enum Event {
    /// Messages of the mail queue.
    Mails(Vec<Record>),
    /// Addresses that must not be written to again.
    Returned(BTreeSet<String>, Reason),
    /// Nothing that concerns us, such as a full mailbox that will be emptied.
    Nothing,
}

impl Event {
    /// Reads an event of the queue or of the rule.
    pub(crate) fn read(event: &Value) -> Result<Self, Fault> {
        if let Some(records) = Record::all(event) {
            return records.map(Self::Mails);
        }
        let detail = &event["detail"];
        let (recipients, reason) = match event["detail-type"].as_str() {
            Some("Email Bounced") if detail["bounce"]["bounceType"] == "Permanent" => {
                (&detail["bounce"]["bouncedRecipients"], Reason::Bounce)
            }
            // A reader may also report that something is no spam.
            Some("Email Complaint Received")
                if detail["complaint"]["complaintFeedbackType"] != "not-spam" =>
            {
                (&detail["complaint"]["complainedRecipients"], Reason::Complaint)
            }
            Some(_) => return Ok(Self::Nothing),
            None => return Err(Fault::bug("an event of no known kind")),
        };
        let named = recipients.as_array().into_iter().flatten().map(|recipient| &recipient["emailAddress"]);
        // Where mail was forwarded, the bounce names the last address; the one we wrote to is the destination.
        let written_to =
            detail["mail"]["destination"].as_array().filter(|to| to.len() == 1).into_iter().flatten();
        let addresses: BTreeSet<String> = named
            .chain(written_to)
            .filter_map(Value::as_str)
            .map(|address| bare(address).to_owned())
            .collect();
        if addresses.is_empty() {
            Err(Fault::bug("a returned mail without an address"))
        } else {
            Ok(Self::Returned(addresses, reason))
        }
    }
}

/// The address in `Name <address>`.
fn bare(address: &str) -> &str {
    let inner = address.rsplit_once('<').map_or(address, |(_, rest)| rest);
    inner.trim().trim_end_matches('>')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn returned(addresses: &[&str], reason: Reason) -> Event {
        Event::Returned(addresses.iter().map(|address| (*address).to_owned()).collect(), reason)
    }

    #[test]
    fn only_permanent_bounces_and_true_complaints_count() {
        let bounce = |kind: &str| {
            json!({ "detail-type": "Email Bounced", "detail": { "bounce": {
                "bounceType": kind, "bouncedRecipients": [{ "emailAddress": "Ada <ada@example.com>" }],
            } } })
        };
        assert_eq!(
            Event::read(&bounce("Permanent")).unwrap(),
            returned(&["ada@example.com"], Reason::Bounce)
        );
        assert_eq!(Event::read(&bounce("Transient")).unwrap(), Event::Nothing);
        assert_eq!(Event::read(&bounce("Undetermined")).unwrap(), Event::Nothing);
        let complaint = |feedback: Value| {
            json!({ "detail-type": "Email Complaint Received", "detail": { "complaint": {
                "complaintFeedbackType": feedback, "complainedRecipients": [{ "emailAddress": "ada@example.com" }],
            } } })
        };
        for feedback in [json!("abuse"), Value::Null] {
            let read = Event::read(&complaint(feedback)).unwrap();
            assert_eq!(read, returned(&["ada@example.com"], Reason::Complaint));
        }
        assert_eq!(Event::read(&complaint(json!("not-spam"))).unwrap(), Event::Nothing);
        assert_eq!(Event::read(&json!({ "detail-type": "Email Rejected" })).unwrap(), Event::Nothing);
    }

    #[test]
    fn a_forwarded_mail_names_two_addresses() {
        let event = json!({ "detail-type": "Email Bounced", "detail": {
            "bounce": { "bounceType": "Permanent", "bouncedRecipients": [{ "emailAddress": "new@example.org" }] },
            "mail": { "destination": ["old@example.com"] },
        } });
        let expected = returned(&["new@example.org", "old@example.com"], Reason::Bounce);
        assert_eq!(Event::read(&event).unwrap(), expected);
    }

    #[test]
    fn unknown_events_are_bugs() {
        let nobody =
            json!({ "detail-type": "Email Bounced", "detail": { "bounce": { "bounceType": "Permanent" } } });
        for event in [json!({}), json!([]), json!({ "Records": [{ "body": "x" }] }), nobody] {
            assert!(Event::read(&event).is_err(), "{event}");
        }
    }
}
