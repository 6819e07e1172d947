//! What the mailbox simulator makes of its addresses: bounces and complaints, as `EventBridge` delivers them.

use serde_json::{Value, json};

use super::mail::{Mail, address};
use super::mailbox::identity_arn;
use crate::ACCOUNT;

/// The events that a mail causes.
pub(super) fn of(mail: &Mail, region: &str) -> Vec<Value> {
    let mut events = Vec::new();
    for recipient in mail.recipients() {
        let Some(simulated) = recipient.strip_suffix("@simulator.amazonses.com") else { continue };
        // `bounce+label@...` is there to tell several apart.
        match simulated.split('+').next() {
            Some("bounce") => events.push(event(mail, region, "Email Bounced", &bounce(mail, &recipient))),
            Some("complaint") => {
                events.push(event(mail, region, "Email Complaint Received", &complaint(mail, &recipient)));
            }
            _ => {}
        }
    }
    events
}

fn bounce(mail: &Mail, recipient: &str) -> Value {
    json!({
        "eventType": "Bounce",
        "bounce": {
            "feedbackId": format!("{}-feedback", mail.id),
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "bouncedRecipients": [{
                "emailAddress": recipient,
                "action": "failed",
                "status": "5.1.1",
                "diagnosticCode": "smtp; 550 5.1.1 user unknown",
            }],
            "timestamp": millis(mail),
            "reportingMTA": "dsn; simulator.amazonses.com",
        },
    })
}

fn complaint(mail: &Mail, recipient: &str) -> Value {
    json!({
        "eventType": "Complaint",
        "complaint": {
            "feedbackId": format!("{}-feedback", mail.id),
            "complaintSubType": null,
            "complainedRecipients": [{ "emailAddress": recipient }],
            "timestamp": millis(mail),
            "userAgent": "Amazon SES Mailbox Simulator",
            "complaintFeedbackType": "abuse",
            "arrivalDate": millis(mail),
        },
    })
}

fn event(mail: &Mail, region: &str, kind: &str, what: &Value) -> Value {
    let destination: Vec<_> = mail.recipients().collect();
    let mut tags: serde_json::Map<_, _> =
        mail.tags.iter().map(|(name, value)| (name.clone(), json!([value]))).collect();
    tags.insert("ses:from-domain".into(), json!([address(&mail.from).rsplit('@').next()]));
    let mut resources = vec![identity_arn(region, &mail.from)];
    if let Some(set) = &mail.configuration_set {
        tags.insert("ses:configuration-set".into(), json!([set]));
        resources = vec![format!("arn:aws:ses:{region}:{ACCOUNT}:configuration-set/{set}")];
    }
    let mut detail = what.clone();
    detail["mail"] = json!({
        "timestamp": millis(mail),
        "source": mail.from,
        "sourceArn": identity_arn(region, &mail.from),
        "sendingAccountId": ACCOUNT,
        "messageId": mail.id,
        "destination": destination,
        "headersTruncated": false,
        "headers": [
            { "name": "From", "value": mail.from },
            { "name": "To", "value": mail.to.join(", ") },
            { "name": "Subject", "value": mail.subject },
        ],
        "commonHeaders": {
            "from": [mail.from],
            "to": mail.to,
            "messageId": mail.id,
            "subject": mail.subject,
        },
        "tags": tags,
    });
    json!({
        "version": "0",
        "id": uuid::Uuid::now_v7().to_string(),
        "detail-type": kind,
        "source": "aws.ses",
        "account": ACCOUNT,
        "time": format!("{}Z", &mail.at.to_string()[..19]),
        "region": region,
        "resources": resources,
        "detail": detail,
    })
}

/// SES tells times to the millisecond.
fn millis(mail: &Mail) -> String {
    format!("{}Z", &mail.at.to_string()[..23])
}
