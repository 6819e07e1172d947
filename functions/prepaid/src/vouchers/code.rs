//! Codes of vouchers.

use uuid::Uuid;

/// How many letters a code has.
const LETTERS: usize = 12;

/// What codes are made of: no 0 and O, no 1 and I, which people mistake for each other.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// A fresh code: 60 of the random bits of a fresh UUID. That it is new, its write makes sure.
pub fn fresh() -> String {
    // The lower 62 bits of a random UUID are chance.
    let mut bits = Uuid::new_v4().as_u128();
    let mut code = String::with_capacity(LETTERS);
    for _ in 0..LETTERS {
        code.push(char::from(ALPHABET[(bits & 31) as usize]));
        bits >>= 5;
    }
    code
}

/// A code as it is written, from how people type it; none, if no voucher can have it.
pub fn normal(text: &str) -> Option<String> {
    let letters = text.chars().filter(|letter| !letter.is_whitespace() && *letter != '-');
    let code: String = letters.map(|letter| letter.to_ascii_uppercase()).take(LETTERS + 1).collect();
    (code.len() == LETTERS && code.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(code)
}

/// The last letters, which remind the owner of a code without giving it away.
pub fn hint(code: &str) -> &str {
    &code[code.len().saturating_sub(4)..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn fresh_codes_are_of_the_alphabet_and_never_alike() {
        let codes: HashSet<String> = (0..2_000).map(|_| fresh()).collect();
        assert_eq!(codes.len(), 2_000);
        assert!(
            codes.iter().all(|code| code.len() == 12 && code.bytes().all(|byte| ALPHABET.contains(&byte)))
        );
        for place in 0..12 {
            let letters: HashSet<u8> = codes.iter().map(|code| code.as_bytes()[place]).collect();
            assert_eq!(letters.len(), 32, "every letter at place {place}");
        }
    }

    #[test]
    fn codes_are_read_as_people_type_them() {
        for text in ["K7M2QX9RTB4H", " k7m2-qx9r-tb4h ", "k7m2 qx9r tb4h"] {
            assert_eq!(normal(text).as_deref(), Some("K7M2QX9RTB4H"), "{text:?}");
        }
        for text in ["", "K7M2QX9RTB4", "K7M2QX9RTB4HX", "K7M2QX9RTB4Ü", "K7M2#X9RTB4H"] {
            assert_eq!(normal(text), None, "{text:?}");
        }
        assert_eq!(hint("K7M2QX9RTB4H"), "TB4H");
    }
}
