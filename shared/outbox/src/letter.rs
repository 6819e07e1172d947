//! A letter, on its way from the context that writes it to the mailer that renders it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use table::Message;
use wire::{Email, Fault, Stamp};

use crate::letters;

/// A letter to one person: a template, an address and the values that the template shows.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Letter {
    template: String,
    to: String,
    values: Map<String, Value>,
}

/// A rendered letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The subject, one line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// Why a letter cannot become a mail.
#[derive(Debug)]
pub enum Unfit {
    /// The address or the subject would not stay within its header. No later try can help.
    Header(&'static str),
    /// The letter does not fit its template. A deployment may mend that.
    Template(Fault),
}

impl Letter {
    /// A letter by the name of its template, such as `identity/welcome`, to an address.
    pub fn new(template: &str, to: &str) -> Self {
        Self { template: template.to_owned(), to: to.to_owned(), values: Map::new() }
    }

    /// Gives the template a value.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.values.insert(name.to_owned(), value.into());
        self
    }

    /// The message that promises this letter, to be told in the transaction that is its reason.
    pub fn message(self, from_context: &str, now: Stamp) -> Message {
        let body = serde_json::to_value(self).expect("a letter is made of plain values");
        Message::new(from_context, "mail", body, now)
    }

    /// The letter that a message promised.
    pub fn read(message: &Message) -> Result<Self, Fault> {
        // The error is kept back: it may cite what the message holds.
        Self::deserialize(&message.body).map_err(|_| Fault::bug("the message holds no letter"))
    }

    /// The name of the template.
    pub fn template(&self) -> &str {
        &self.template
    }

    /// The address, which is nothing but one address.
    pub fn address(&self) -> Result<&str, Unfit> {
        let plain = Email::parse(&self.to).is_ok_and(|address| address.as_str() == self.to);
        if plain { Ok(&self.to) } else { Err(Unfit::Header("the address is not one address")) }
    }

    /// Renders the letter.
    pub fn mail(&self) -> Result<Mail, Unfit> {
        let part = |kind| letters::render(&self.template, kind, &self.values).map_err(Unfit::Template);
        // It becomes a header, whatever the names in it are made of.
        let subject = part("subject")?.replace(char::is_control, " ");
        Ok(Mail { subject, text: part("txt")?, html: part("html")? })
    }
}

/// Shows the template only: the address and the values are somebody's own.
impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter").field("template", &self.template).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(name: &str) -> Letter {
        Letter::new(name, "ada@example.com")
            .with("name", "Ada")
            .with("username", "ada")
            .with("link", "https://shop.example/reset?token=abc&uid=7")
            .with("minutes", 30)
            .with("days", 3)
            .with("at", "2026-03-01T08:30:00.123456Z")
            .with("address", "192.0.2.7")
            .with("member", "MEM-001")
            .with("silver", 500)
            .with("gold", 1000)
            .with("platinum", 2500)
            .with("voucher", "Kopi 20%")
            .with("code", "KOPI20")
            .with("redemption", "1A-1-7K9Q-XR2M-VD4T-H8WZ")
            .with("valid_until", "2026-03-31")
            .with("points", 200)
            .with("balance", 530)
            .with("tier", "Silver")
            .with("before", "Bronze")
            .with("to_next", 470)
            .with("date", "2026-06-01")
            .with("service", "Exam Results Checking")
            .with("quantity", 2)
            .with("unit_price", "10.00")
            .with("discount", "2.00")
            .with("discounted", true)
            .with("total", "18.00")
            .with("currency", "USD")
            .with("payment", "0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b")
            .with("recipient", "kofi@example.com")
            .with("vouchers", vec![voucher("K7M2QX9RTB4H", 3), voucher("9QXWA2LMN7PC", 1)])
            .with("reason", "Your card was declined.")
            .with("from", "Kwame")
            .with("message", "Good luck!")
            .with("left", 2)
            .with("by_other", true)
            .with("reference", "0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2c")
            .with("amount", "18.00")
            .with("notes", "bought twice")
            .with("decision", "completed")
            .with("note", "Sorry for that.")
            .with("codes", vec!["K7M2QX9RTB4H", "9QXWA2LMN7PC"])
    }

    fn voucher(code: &str, uses: u32) -> Value {
        serde_json::json!({
            "code": code, "name": "Exam Results Checking", "uses": uses, "end": "2026-03-31T08:30:00.000000Z",
        })
    }

    #[test]
    fn every_letter_renders_in_text_and_html() {
        for name in letters::names() {
            let mail = letter(name).mail().unwrap();
            assert!(!mail.subject.is_empty() && mail.subject.len() < 78, "{name}: {}", mail.subject);
            assert!(mail.text.contains("Ada") && mail.html.contains("Ada"), "{name} greets by name");
            assert!(mail.text.trim_end().ends_with("Mercato"), "{name}: {}", mail.text);
            assert!(mail.text.lines().all(|line| line.chars().count() <= 78), "{name}: {}", mail.text);
            assert!(mail.html.starts_with("<!doctype html>") && mail.html.contains("Mercato"), "{name}");
            assert!(!mail.html.contains("<img") && !mail.html.contains("{{"), "{name}");
        }
    }

    #[test]
    fn a_letter_reads_as_it_was_meant() {
        let mail = letter("identity/password-reset").mail().unwrap();
        assert_eq!(mail.subject, "Reset your Mercato password");
        assert_eq!(
            mail.text,
            "Hello Ada,\n\nsomebody asked to reset the password of your Mercato account. To choose a\nnew one, \
             open this link within 30 minutes:\n\nhttps://shop.example/reset?token=abc&uid=7\n\nIf that was not \
             you, ignore this mail: your password stays as it is.\n\n-- \nMercato"
        );
        let changed = letter("identity/password-changed").mail().unwrap();
        assert!(changed.text.contains("on 1 March 2026 at 08:30 UTC"), "{}", changed.text);
    }

    #[test]
    fn a_receipt_says_what_was_bought_and_what_it_cost() {
        let text =
            |discounted: bool| letter("prepaid/receipt").with("discounted", discounted).mail().unwrap().text;
        let full = text(true);
        for told in [
            "    K7M2QX9RTB4H\n    Exam Results Checking, good for 3 uses\n    until 31 March 2026 at 08:30 UTC\n\n",
            "    9QXWA2LMN7PC\n    Exam Results Checking, good for 1 use\n",
            "    2 x 10.00 USD\n    less 2.00 USD\n    Total: 18.00 USD\n\n",
            "Payment 0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b",
        ] {
            assert!(full.contains(told), "{told:?} in {full}");
        }
        assert!(text(false).contains("    2 x 10.00 USD\n    Total: 18.00 USD\n"), "{}", text(false));
    }

    #[test]
    fn a_refund_says_what_was_decided() {
        let text = |decision: &str, codes: &[&str]| {
            let letter = letter("prepaid/refund-decided").with("decision", decision);
            letter.with("codes", codes).mail().unwrap().text
        };
        let gone = "no longer good:\n\n    K7M2QX9RTB4H\n    9QXWA2LMN7PC\n";
        let (codes, good) = (["K7M2QX9RTB4H", "9QXWA2LMN7PC"], "The vouchers are good again");
        for (decision, codes, told, untold) in [
            ("completed", &codes[..], gone, good),
            ("rejected", &[], "is rejected", "no longer good"),
            ("failed", &[], good, "no longer good"),
            ("failed", &codes, gone, good),
        ] {
            let text = text(decision, codes);
            assert!(text.contains(told) && !text.contains(untold), "{text}");
        }
    }

    #[test]
    fn a_tier_may_be_the_highest() {
        let text = |to_next: i64| letter("loyalty/tier").with("to_next", to_next).mail().unwrap().text;
        assert!(
            text(470).contains("Silver.\n\n470 points more take you to the next tier.\n\n-- \n"),
            "{}",
            text(470)
        );
        assert!(text(0).contains("Silver.\n\nThere is no higher tier.\n\n-- \n"), "{}", text(0));
        let redeemed = letter("loyalty/redeemed").mail().unwrap();
        assert_eq!(redeemed.subject, "Your voucher KOPI20");
        assert!(redeemed.text.contains("Valid until 31 March 2026"), "{}", redeemed.text);
    }

    #[test]
    fn html_escapes_what_text_shows_as_it_is() {
        let nasty = "<b onclick='x'>\"Ada\" & {{ link }}";
        for name in letters::names() {
            let mail = letter(name).with("name", nasty).mail().unwrap();
            assert!(mail.text.contains(nasty), "{name}");
            let escaped = "&lt;b onclick=&#x27;x&#x27;&gt;&quot;Ada&quot; &amp; {{ link }}";
            assert!(
                !mail.html.contains("<b onclick") && mail.html.contains(escaped),
                "{name}: {}",
                mail.html
            );
        }
        let quoted =
            letter("identity/password-reset").with("link", "https://x/\" onclick=\"y").mail().unwrap();
        assert!(!quoted.html.contains("\" onclick"), "{}", quoted.html);
    }

    #[test]
    fn a_missing_value_is_an_error_that_tells_no_other_value() {
        for name in letters::names() {
            let Err(Unfit::Template(fault)) =
                Letter::new(name, "ada@example.com").with("link", "SECRET").mail()
            else {
                panic!("{name} rendered without its values");
            };
            assert!(!fault.is_busy() && !fault.to_string().contains("SECRET"), "{fault}");
        }
        let unknown = Letter::new("identity/farewell", "ada@example.com").mail();
        assert!(matches!(unknown, Err(Unfit::Template(_))));
    }

    #[test]
    fn headers_stay_one_line() {
        for to in [
            "ada@example.com\r\nBcc: eve@example.com",
            "ada@example.com\n",
            "a@b.example, c@d.example",
            "Ada",
            "",
        ] {
            assert!(matches!(Letter::new("identity/welcome", to).address(), Err(Unfit::Header(_))), "{to:?}");
        }
        assert_eq!(letter("identity/welcome").address().unwrap(), "ada@example.com");
        let split = letter("identity/welcome").with("name", "Ada\r\nBcc: eve@example.com").mail().unwrap();
        assert!(split.subject.contains("Ada  Bcc: eve@example.com"), "{}", split.subject);
    }

    #[test]
    fn a_letter_survives_its_way_and_is_not_shown() {
        let sent = letter("identity/welcome");
        assert_eq!(format!("{sent:?}"), "Letter { template: \"identity/welcome\", .. }");
        let message = sent.clone().message("identity", Stamp::from_seconds(9));
        assert_eq!((message.from.as_str(), message.to.as_str()), ("identity", "mail"));
        assert_eq!(Letter::read(&message).unwrap(), sent);
        let other = Message::new("identity", "mail", serde_json::json!({"to": 1}), Stamp::from_seconds(9));
        assert!(Letter::read(&other).is_err());
    }
}
