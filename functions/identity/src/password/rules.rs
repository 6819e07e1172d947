//! What a good password is.

use std::collections::HashMap;

/// The passwords that everybody tries, each of 8 characters or more. From Django's list (BSD-3-Clause), by Royce Williams.
const COMMON: &str = include_str!("common.txt");

/// The usual few that are shorter: their length refuses them already, and this names the other reason.
const COMMON_AND_SHORT: [&str; 12] = [
    "123456", "1234567", "12345", "qwerty", "abc123", "111111", "123123", "admin", "letmein", "monkey",
    "dragon", "welcome",
];

/// How alike a password and a name may be.
const TOO_SIMILAR: f64 = 0.7;

/// Everything that is wrong with a password in itself.
pub fn weaknesses(password: &str) -> Vec<String> {
    let mut weaknesses = Vec::new();
    if password.chars().count() < 8 {
        weaknesses.push("This password is too short. It must contain at least 8 characters.".to_owned());
    }
    if is_common(password) {
        weaknesses.push("This password is too common.".to_owned());
    }
    if !password.is_empty() && password.chars().all(|c| c.is_ascii_digit()) {
        weaknesses.push("This password is entirely numeric.".to_owned());
    }
    weaknesses
}

fn is_common(password: &str) -> bool {
    let password = password.trim().to_lowercase();
    COMMON_AND_SHORT.contains(&password.as_str()) || COMMON.lines().any(|common| common == password)
}

/// Whether a password is much like a name, or like a part of it.
pub fn too_similar(password: &str, name: &str) -> bool {
    let (password, name) = (password.to_lowercase(), name.to_lowercase());
    let parts = name.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|part| !part.is_empty());
    parts.chain([name.as_str()]).any(|part| {
        // A short part of a long password says little.
        let (long, short) = (password.chars().count(), part.chars().count());
        let worth_comparing = !(long >= 10 * short && short_of(short, long));
        worth_comparing && likeness(&password, part) >= TOO_SIMILAR
    })
}

#[expect(clippy::cast_precision_loss, reason = "lengths of passwords are far below 2^52")]
fn short_of(short: usize, long: usize) -> bool {
    (short as f64) < TOO_SIMILAR / 2.0 * long as f64
}

/// Twice the characters in common, through all characters; one is the same letters.
#[expect(clippy::cast_precision_loss, reason = "lengths of passwords are far below 2^52")]
fn likeness(one: &str, other: &str) -> f64 {
    let mut left: HashMap<char, usize> = HashMap::new();
    for c in other.chars() {
        *left.entry(c).or_default() += 1;
    }
    let common = one
        .chars()
        .filter(|c| left.get_mut(c).is_some_and(|n| n.checked_sub(1).map(|m| *n = m).is_some()))
        .count();
    let all = one.chars().count() + other.chars().count();
    if all == 0 { 1.0 } else { 2.0 * common as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_weakness_is_named() {
        const SHORT: &str = "This password is too short. It must contain at least 8 characters.";
        const COMMON: &str = "This password is too common.";
        const NUMERIC: &str = "This password is entirely numeric.";
        let cases: [(&str, &[&str]); 9] = [
            ("blue-whale-17", &[]),
            ("short", &[SHORT]),
            ("password1", &[COMMON]),
            ("PassWord1", &[COMMON]),
            ("qwerty123", &[COMMON]),
            ("12345678", &[COMMON, NUMERIC]),
            ("123456", &[SHORT, COMMON, NUMERIC]),
            ("83719264550182", &[NUMERIC]),
            ("пароль-длинный", &[]),
        ];
        for (password, expected) in cases {
            assert_eq!(weaknesses(password), expected, "{password}");
        }
    }

    #[test]
    fn names_and_their_parts_are_too_similar() {
        assert!(too_similar("rina.sari", "rina.sari"));
        assert!(too_similar("Rina.Sari1", "rinasari"));
        assert!(too_similar("shoptest1", "rina@shoptest.io"));
        assert!(!too_similar("blue-whale-17", "rina.sari"));
        assert!(!too_similar("a-very-long-password-with-rina", "rina"));
    }
}
