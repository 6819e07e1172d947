//! What is told to others once a write happened: letters to people, and messages to the queues of contexts.

mod letter;
mod letters;
mod queues;

pub use letter::{Letter, Mail, Unfit};
pub use letters::names;
pub use queues::{Queues, listed};
