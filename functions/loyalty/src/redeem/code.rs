//! The code that proves a redemption at the till: where the row is, and a secret of 80 bits.

use ring::rand::{SecureRandom, SystemRandom};

use crate::ids::{Number, Place, Series};

/// Crockford's letters: none can be taken for another.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A new secret.
pub fn secret() -> String {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).expect("the system has randomness");
    bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

/// A code as it is printed: `7-1-7K9Q-XR2M-VD4T-H8WZ`.
pub fn written(place: Place, secret: &str) -> String {
    let groups: Vec<&str> = [0, 4, 8, 12].iter().filter_map(|at| secret.get(*at..*at + 4)).collect();
    format!("{}-{}-{}", in_letters(place.member.0), in_letters(place.running), groups.join("-"))
}

/// Where the redemption of a code is, and the secret that it must have. Takes the code as people type it.
pub fn read(text: &str) -> Option<(Place, String)> {
    let mut parts = text.trim().split(['-', ' ']).filter(|part| !part.is_empty());
    let (member, running) = (number(parts.next()?)?, number(parts.next()?)?);
    let secret: Option<String> =
        parts.flat_map(str::chars).map(|letter| value(letter).map(letter_of)).collect();
    let secret = secret.filter(|secret| secret.len() == 16)?;
    Some((Place { series: Series::Redemptions, member: Number(member), running }, secret))
}

fn in_letters(number: u32) -> String {
    let digits = (0..7).rev().map(|place| number >> (5 * place) & 31).skip_while(|digit| *digit == 0);
    let text: String = digits.map(letter_of).collect();
    if text.is_empty() { "0".to_owned() } else { text }
}

fn number(text: &str) -> Option<u32> {
    text.chars().try_fold(0_u32, |number, letter| number.checked_mul(32)?.checked_add(value(letter)?))
}

fn letter_of(value: u32) -> char {
    LETTERS.get(value as usize).map_or('0', |letter| char::from(*letter))
}

/// The value of a letter, in either case and with those that look alike.
fn value(letter: char) -> Option<u32> {
    let letter = match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        letter => letter,
    };
    let place = LETTERS.iter().position(|known| char::from(*known) == letter)?;
    u32::try_from(place).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        let place = Place { series: Series::Redemptions, member: Number(42), running: 33 };
        let written = written(place, "7K9QXR2MVD4TH01Z");
        assert_eq!(written, "1A-11-7K9Q-XR2M-VD4T-H01Z");
        for typed in ["1A-11-7K9Q-XR2M-VD4T-H01Z", " 1a 11 7k9qxr2mvd4thO1z", "ia-ll-7K9QXR2M-VD4TH0lZ"] {
            assert_eq!(read(typed), Some((place, "7K9QXR2MVD4TH01Z".to_owned())), "{typed}");
        }
        for wrong in [
            "",
            "1A",
            "1A-11",
            "1A-11-7K9Q",
            "1A-11-7K9Q-XR2M-VD4T-H01Z0",
            "ÄÖ-1-7K9QXR2MVD4TH01Z",
            "ZZZZZZZZ-1-7K9QXR2MVD4TH01Z",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn no_two_secrets_are_alike() {
        let secrets: std::collections::HashSet<String> = (0..1000).map(|_| secret()).collect();
        assert_eq!(secrets.len(), 1000);
        assert!(secrets.iter().all(|secret| secret.len() == 16));
    }

    proptest! {
        #[test]
        fn a_code_leads_back(member: u32, running: u32) {
            let (place, secret) = (Place { series: Series::Redemptions, member: Number(member), running }, secret());
            prop_assert_eq!(read(&written(place, &secret)), Some((place, secret)));
        }
    }
}
