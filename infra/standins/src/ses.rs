//! SES: takes mail by the v1 query protocol, keeps it in a mailbox and tells what became of it.

mod events;
mod mail;
mod mailbox;
mod page;
mod protocol;

pub use mail::Mail;
pub use mailbox::{MailRules, Mailbox};
