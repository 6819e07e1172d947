//! The private keys: the only ones of the platform, and here alone.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use platform::Parameters;
use serde::{Deserialize, Serialize};
use wire::{Clock, Fault, Stamp};

/// Where the keys are.
pub const KEYS: &str = "identity/signing-keys";

/// How long the keys are used without asking again.
const FRESH: Duration = Duration::from_mins(5);

/// How long the keys at hand are used after asking for newer ones failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// Holds the first of the stage's signing keys.
pub struct Signer {
    parameters: Parameters,
    clock: Clock,
    held: Mutex<Held>,
}

struct Held {
    key: SigningKey,
    /// When to ask again.
    ask: Stamp,
}

/// A key, to sign the tokens of one answer with.
#[derive(Clone)]
pub struct SigningKey {
    kid: String,
    key: EncodingKey,
}

#[derive(Deserialize)]
struct PrivateKey {
    kid: String,
    /// The PKCS#8 document, in base64.
    pkcs8: String,
}

impl Signer {
    /// Takes the keys from the text of their parameter; without one identity does not start.
    pub fn new(text: &str, parameters: Parameters, clock: Clock) -> Result<Self, Fault> {
        access::install_crypto();
        let key = read(text)?;
        // A key that cannot sign shows itself now and not at the first login.
        if !access::can_sign(&key.key) {
            return Err(Fault::bug("the first of identity/signing-keys cannot sign"));
        }
        let held = Held { key, ask: clock.now() + FRESH };
        Ok(Self { parameters, clock, held: Mutex::new(held) })
    }

    /// The key to sign with now.
    pub async fn key(&self) -> SigningKey {
        let now = self.clock.now();
        let at_hand = {
            let mut held = self.held();
            if now < held.ask {
                return held.key.clone();
            }
            // Noted before asking: neither those who come meanwhile nor those after a failure ask at once.
            held.ask = now + PATIENCE;
            held.key.clone()
        };
        match self.parameters.read(KEYS).await.and_then(|text| read(&text)) {
            Ok(key) => {
                *self.held() = Held { key: key.clone(), ask: now + FRESH };
                key
            }
            Err(fault) => {
                tracing::warn!(target: "fault", %fault, "the signing keys could not be read again");
                at_hand
            }
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SigningKey {
    /// The token that says so.
    pub fn sign(&self, claims: &impl Serialize) -> Result<String, Fault> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.key).map_err(Fault::bug)
    }
}

fn read(text: &str) -> Result<SigningKey, Fault> {
    // The text is secret: an error must not quote it.
    let unreadable = || Fault::bug("identity/signing-keys is not a list of {kid, pkcs8}");
    let keys: Vec<PrivateKey> = serde_json::from_str(text).map_err(|_| unreadable())?;
    let first = keys.into_iter().next().ok_or_else(unreadable)?;
    let der = STANDARD.decode(first.pkcs8.trim()).map_err(|_| unreadable())?;
    Ok(SigningKey { kid: first.kid, key: EncodingKey::from_ed_der(&der) })
}
