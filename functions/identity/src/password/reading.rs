//! Reading bodies that hold a new password.

use serde_json::Value;
use wire::{Input, Problem, Reply, Sent};

use crate::account::rules::{Names, password_apart};

/// Longer texts, in bytes, are neither names nor passwords and are refused for that: they are not compared.
const LONGEST: usize = 1024;

/// What was sent, or all that is wrong with it at once.
///
/// A body with faults also tells whether the password in `field` is much like its owner's names, since all rules of
/// passwords are told together. A body without faults is judged by that later, with the names it is written with.
pub fn read<T: Input>(sent: &Sent, field: &str, owner: Names<'_>) -> Reply<T> {
    T::read(sent.members()).map_err(|mut errors| {
        let password = sent.get(field).and_then(Value::as_str).unwrap_or_default();
        let Names { username, first_name, last_name, email } = owner;
        let texts = [password, username, first_name, last_name, email];
        let comparable = texts.iter().all(|text| text.len() <= LONGEST);
        if comparable && !password.is_empty() {
            errors.extend(password_apart(field, password, owner));
        }
        Problem::fields(errors)
    })
}
