//! The private keys: the only ones of the platform, and here alone.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use platform::Parameters;
use serde::Deserialize;
use wire::{Clock, Fault, Stamp};

use access::Claims;

/// How long the keys are used without asking again.
const FRESH: Duration = Duration::from_mins(5);

/// Signs tokens with the first of the stage's signing keys.
#[derive(Clone)]
pub struct Signer {
    parameters: Parameters,
    clock: Clock,
    current: Arc<Mutex<Current>>,
}

#[derive(Clone)]
struct Current {
    kid: String,
    key: EncodingKey,
    asked: Stamp,
}

#[derive(Deserialize)]
struct PrivateKey {
    kid: String,
    /// The PKCS#8 document, in base64.
    pkcs8: String,
}

impl Signer {
    /// Loads the keys; without one identity does not start.
    pub async fn open(parameters: Parameters, clock: Clock) -> Result<Self, Fault> {
        access::install_crypto();
        let current = load(&parameters, clock.now()).await?;
        // A key that cannot sign shows itself now and not at the first login.
        sign(&current, &serde_json::json!({}))?;
        Ok(Self { parameters, clock, current: Arc::new(Mutex::new(current)) })
    }

    /// The token that says so.
    pub async fn sign(&self, claims: &Claims) -> Result<String, Fault> {
        let now = self.clock.now();
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if now.since(current.asked) < FRESH {
            return sign(&current, claims);
        }
        match load(&self.parameters, now).await {
            Ok(loaded) => {
                self.current.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&loaded);
                sign(&loaded, claims)
            }
            Err(fault) => {
                tracing::warn!(target: "fault", %fault, "the signing keys could not be read again");
                sign(&current, claims)
            }
        }
    }
}

fn sign(current: &Current, claims: &impl serde::Serialize) -> Result<String, Fault> {
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(current.kid.clone());
    jsonwebtoken::encode(&header, claims, &current.key).map_err(Fault::bug)
}

async fn load(parameters: &Parameters, now: Stamp) -> Result<Current, Fault> {
    let text = parameters.read("identity/signing-keys").await?;
    // The text is secret: an error must not quote it.
    let unreadable = || Fault::bug("identity/signing-keys is not a list of {kid, pkcs8}");
    let keys: Vec<PrivateKey> = serde_json::from_str(&text).map_err(|_| unreadable())?;
    let first = keys.into_iter().next().ok_or_else(unreadable)?;
    let der = STANDARD.decode(first.pkcs8.trim()).map_err(|_| unreadable())?;
    Ok(Current { kid: first.kid, key: EncodingKey::from_ed_der(&der), asked: now })
}
