//! Whether an event is from Stripe: its signature over the bytes as they came.

use std::fmt;
use std::time::Duration;

use ring::hmac;
use wire::{Fault, Stamp};

/// How far the signature's time may be from ours.
pub const TOLERANCE: Duration = Duration::from_mins(5);

/// Nobody has more secrets at once, and whoever sends more signatures wants to keep us busy.
const MOST: usize = 8;

/// The secrets of an endpoint: one, and while it is being replaced two.
#[derive(Clone)]
pub struct Secrets(Vec<hmac::Key>);

/// Why an event is not taken for Stripe's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSigned {
    /// There is no signature that reads.
    Unsigned,
    /// It was made with none of our secrets, or over other bytes.
    Forged,
    /// It is genuine, but old, or from the future: somebody may send it once more.
    Stale,
}

impl NotSigned {
    /// Its word in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::Forged => "forged",
            Self::Stale => "stale",
        }
    }
}

impl Secrets {
    /// Reads secrets that are separated by commas. The whole text of each is the key, `whsec_` included.
    pub fn read(list: &str) -> Result<Self, Fault> {
        let mut secrets = list.split(',').map(str::trim).filter(|secret| !secret.is_empty()).peekable();
        if secrets.peek().is_none() {
            return Err(Fault::bug("there is no secret to know Stripe's events by"));
        }
        let key = |secret: &str| {
            let reads = secret.len() > "whsec_".len() && secret.starts_with("whsec_");
            let key = reads.then(|| hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()));
            key.ok_or_else(|| Fault::bug("a secret of Stripe's events does not begin with whsec_"))
        };
        let keys: Vec<_> = secrets.map(key).collect::<Result<_, _>>()?;
        if keys.len() > MOST {
            return Err(Fault::bug("there are too many secrets of Stripe's events"));
        }
        Ok(Self(keys))
    }

    /// Checks the header `Stripe-Signature` against the body as it came: one signature of the scheme `v1` has to be
    /// made with one of the secrets, at about this time. Takes as long for one that is nearly right.
    pub fn verify(&self, header: &str, body: &[u8], now: Stamp) -> Result<(), NotSigned> {
        let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
        let time = parts().find(|(name, _)| *name == "t").map(|(_, value)| value);
        let time = time.filter(|time| time.len() <= 12).ok_or(NotSigned::Unsigned)?;
        let seconds: i64 = time.parse().map_err(|_| NotSigned::Unsigned)?;
        let signatures: Vec<[u8; 32]> = parts()
            .filter(|(name, _)| *name == "v1")
            .filter_map(|(_, value)| bytes(value))
            .take(MOST)
            .collect();
        if signatures.is_empty() {
            return Err(NotSigned::Unsigned);
        }
        let signed = [time.as_bytes(), b".", body].concat();
        let ours =
            |signature: &[u8; 32]| self.0.iter().any(|key| hmac::verify(key, &signed, signature).is_ok());
        if !signatures.iter().any(ours) {
            return Err(NotSigned::Forged);
        }
        let tolerance = i64::try_from(TOLERANCE.as_secs()).expect("some minutes");
        if now.seconds().abs_diff(seconds) > tolerance.unsigned_abs() {
            return Err(NotSigned::Stale);
        }
        Ok(())
    }
}

/// Shows how many there are.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

/// The bytes of a signature, which Stripe writes in small hexadecimal digits.
fn bytes(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text.bytes().map(digit_of).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    (digits.len() == 64).then(|| bytes.try_into().ok()).flatten()
}

fn digit_of(letter: u8) -> Option<u8> {
    match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "whsec_standin";

    fn sign(secret: &str, time: i64, body: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag = hmac::sign(&key, &[time.to_string().as_bytes(), b".", body].concat());
        tag.as_ref().iter().flat_map(|byte| [byte >> 4, byte & 15]).map(digit).collect()
    }

    fn digit(half: u8) -> char {
        char::from_digit(u32::from(half), 16).unwrap()
    }

    fn verify(secrets: &str, header: &str, body: &[u8], now: i64) -> Result<(), NotSigned> {
        Secrets::read(secrets).unwrap().verify(header, body, Stamp::from_seconds(now))
    }

    /// Made by OpenSSL: `printf '1759480000.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_standin`.
    const KNOWN: &str = "c1a9a01e8aa9b7d06bcd361101018187a7281e9d5c718476c0cddb795e7dc977";

    #[test]
    fn a_signature_made_elsewhere_is_known() {
        let header = format!("t=1759480000,v1={KNOWN}");
        assert_eq!(verify(SECRET, &header, br#"{"id":"evt_1"}"#, 1_759_480_000), Ok(()));
    }

    #[test]
    fn what_is_taken_and_what_is_not() {
        use NotSigned::{Forged, Stale, Unsigned};
        let (body, at) = (b"{}".as_slice(), 1_759_480_000);
        let good = sign(SECRET, at, body);
        let upper = good.to_uppercase();
        let other = sign("whsec_other", at, body);
        let bare = sign("standin", at, body);
        let rows = [
            (format!("t={at},v1={good}"), SECRET, 0, Ok(())),
            (format!("t={at}, v1={good}"), SECRET, 0, Ok(())),
            (format!("v1={good},t={at}"), SECRET, 0, Ok(())),
            (format!("t={at},v1={other},v1={good},v0=x"), SECRET, 0, Ok(())),
            (format!("t={at},v1={good}"), "whsec_new, whsec_standin", 0, Ok(())),
            (format!("t={at},v1={good}"), SECRET, 300, Ok(())),
            (format!("t={at},v1={good}"), SECRET, -300, Ok(())),
            (format!("t={at},v1={good}"), SECRET, 301, Err(Stale)),
            (format!("t={at},v1={good}"), SECRET, -301, Err(Stale)),
            (format!("t={at},v1={good}"), "whsec_new", 0, Err(Forged)),
            (format!("t={at},v1={other}"), SECRET, 0, Err(Forged)),
            (format!("t={at},v1={bare}"), SECRET, 0, Err(Forged)),
            (format!("t={},v1={good}", at + 1), SECRET, 0, Err(Forged)),
            (format!("t=0{at},v1={good}"), SECRET, 0, Err(Forged)),
            (format!("t={at},v0={good}"), SECRET, 0, Err(Unsigned)),
            (format!("t={at},v1={upper}"), SECRET, 0, Err(Unsigned)),
            (format!("t={at},v1={}", &good[..62]), SECRET, 0, Err(Unsigned)),
            (format!("t={at},v1={good}00"), SECRET, 0, Err(Unsigned)),
            (format!("t=soon,v1={good}"), SECRET, 0, Err(Unsigned)),
            (format!("t=99999999999999999999,v1={good}"), SECRET, 0, Err(Unsigned)),
            (format!("v1={good}"), SECRET, 0, Err(Unsigned)),
            (format!("t={at}"), SECRET, 0, Err(Unsigned)),
            (String::new(), SECRET, 0, Err(Unsigned)),
        ];
        for (header, secrets, later, expected) in rows {
            assert_eq!(verify(secrets, &header, body, at + later), expected, "{header} {secrets} {later}");
        }
    }

    #[test]
    fn only_so_many_signatures_are_tried() {
        let good = sign(SECRET, 1, b"");
        let bad = format!("v1={},", sign("whsec_other", 1, b""));
        assert_eq!(verify(SECRET, &format!("t=1,{}v1={good}", bad.repeat(7)), b"", 1), Ok(()));
        assert_eq!(
            verify(SECRET, &format!("t=1,{}v1={good}", bad.repeat(8)), b"", 1),
            Err(NotSigned::Forged)
        );
    }

    #[test]
    fn secrets_that_do_not_read_are_told_and_not_shown() {
        for list in ["", " , ", "whsec_", "sk_test_standin", "whsec_a,secret", &["whsec_a"; 9].join(",")] {
            let fault = Secrets::read(list).unwrap_err();
            assert!(!fault.to_string().contains("standin"), "{fault}");
        }
        assert_eq!(format!("{:?}", Secrets::read("whsec_a,whsec_b").unwrap()), "Secrets(2)");
    }

    proptest! {
        /// A signature holds for its bytes, time and secret, and for nothing that differs in one place.
        #[test]
        fn a_signature_holds_for_what_was_signed(
            body in proptest::collection::vec(any::<u8>(), 1..200),
            at in 0..4_000_000_000_i64,
            secret in "whsec_[a-zA-Z0-9]{1,40}",
            place in any::<proptest::sample::Index>(),
            bit in 0..8_u32,
        ) {
            let header = format!("t={at},v1={}", sign(&secret, at, &body));
            prop_assert_eq!(verify(&secret, &header, &body, at), Ok(()));
            let mut altered = body.clone();
            altered[place.index(body.len())] ^= 1_u8 << bit;
            prop_assert_eq!(verify(&secret, &header, &altered, at), Err(NotSigned::Forged));
            prop_assert_eq!(verify(&format!("{secret}x"), &header, &body, at), Err(NotSigned::Forged));
        }
    }
}
