//! Sealing: what clients carry for us can be neither read nor altered nor used elsewhere.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

/// A key that seals texts for a purpose.
#[derive(Clone)]
pub struct Seal(Arc<Keys>);

struct Keys {
    seal: LessSafeKey,
    mark: hmac::Key,
}

impl Seal {
    /// A seal with this key.
    pub fn new(key: &[u8; 32]) -> Self {
        let seal = UnboundKey::new(&AES_256_GCM, key).expect("the key has the algorithm's length");
        // A key of its own for marks, so that neither use says anything of the other.
        let mark = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), b"marks");
        let mark = hmac::Key::new(hmac::HMAC_SHA256, mark.as_ref());
        Self(Arc::new(Keys { seal: LessSafeKey::new(seal), mark }))
    }

    /// A mark of a text for a purpose: the same for the same text, and of no use without the key.
    pub fn mark(&self, text: &[u8], purpose: &str) -> String {
        let mut context = hmac::Context::with_key(&self.0.mark);
        context.update(purpose.as_bytes());
        context.update(&[0]);
        context.update(text);
        URL_SAFE_NO_PAD.encode(context.sign())
    }

    /// Seals a text for a purpose, such as a caller's list with its filters.
    pub fn close(&self, text: &[u8], purpose: &str) -> String {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).expect("the system has randomness");
        let mut sealed = text.to_vec();
        self.0
            .seal
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(purpose), &mut sealed)
            .expect("texts are far below the algorithm's limit");
        URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat())
    }

    /// Opens what was sealed for the same purpose; anything else is `None`.
    pub fn open(&self, sealed: &str, purpose: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, rest) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut rest = rest.to_vec();
        Some(self.0.seal.open_in_place(nonce, Aad::from(purpose), &mut rest).ok()?.to_vec())
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_and_purpose_open() {
        let seal = Seal::new(&[1; 32]);
        let sealed = seal.close(b"position", "user 1, members");
        assert_eq!(seal.open(&sealed, "user 1, members").unwrap(), b"position");
        assert!(seal.open(&sealed, "user 2, members").is_none());
        assert!(Seal::new(&[2; 32]).open(&sealed, "user 1, members").is_none());
        assert_eq!(seal.mark(b"a", "p"), seal.mark(b"a", "p"));
        assert_ne!(seal.mark(b"a", "p"), seal.mark(b"a", "q"));
        assert_ne!(seal.mark(b"a", "p"), Seal::new(&[2; 32]).mark(b"a", "p"));
        for cut in 0..sealed.len() {
            assert!(seal.open(&sealed[..cut], "user 1, members").is_none());
        }
    }
}
