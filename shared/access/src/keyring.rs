//! The public keys that tokens are checked with.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jsonwebtoken::DecodingKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::{Clock, Fault, Stamp};

use crate::token::{self, Claims, Kind};

/// How long keys are believed without asking again.
const FRESH: Duration = Duration::from_mins(5);

/// How often an unknown key makes us ask at most.
const PATIENCE: Duration = Duration::from_mins(1);

type Loading = Pin<Box<dyn Future<Output = Result<String, Fault>> + Send>>;

/// A public key as a JWKS lists it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PublicKey {
    /// The kind of key: `OKP`.
    pub kty: String,
    /// The curve: `Ed25519`.
    pub crv: String,
    /// The algorithm: `EdDSA`.
    pub alg: String,
    /// What it is for: `sig`.
    #[serde(rename = "use")]
    pub purpose: String,
    /// The key's name.
    pub kid: String,
    /// The key itself.
    pub x: String,
}

impl PublicKey {
    /// The Ed25519 key of that name, in URL-safe base64.
    pub fn ed25519(kid: &str, x: String) -> Self {
        let [kty, crv, alg, purpose] = ["OKP", "Ed25519", "EdDSA", "sig"].map(str::to_owned);
        Self { kty, crv, alg, purpose, kid: kid.to_owned(), x }
    }
}

/// The set of keys that are published.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PublicKeys {
    /// Each key.
    pub keys: Vec<PublicKey>,
}

/// The keys of a stage, asked for anew when they are old or when a token names one we do not know.
#[derive(Clone)]
pub struct Keyring {
    issuer: String,
    clock: Clock,
    load: Arc<dyn Fn() -> Loading + Send + Sync>,
    known: Arc<Mutex<Known>>,
}

struct Known {
    text: String,
    keys: HashMap<String, DecodingKey>,
    asked: Stamp,
}

impl Keyring {
    /// The keys of a stage as the text of a JWKS has them; `load` answers with the text of a newer one.
    pub fn new<L, F>(stage: &str, clock: Clock, text: &str, load: L) -> Result<Self, Fault>
    where
        L: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<String, Fault>> + Send + 'static,
    {
        crate::crypto::install();
        let known = Known { keys: read(text)?, text: text.to_owned(), asked: clock.now() };
        Ok(Self {
            issuer: token::issuer(stage),
            clock,
            load: Arc::new(move || Box::pin(load())),
            known: Arc::new(Mutex::new(known)),
        })
    }

    /// What a token says, if it is ours, of that kind and of this time.
    pub async fn verify(&self, token: &str, kind: Kind) -> Option<Claims> {
        let kid = token::kid(token)?;
        let key = self.key(&kid).await?;
        token::verify(token, &key, &self.issuer, kind, self.clock.now())
    }

    /// The text of the set of keys.
    pub async fn published(&self) -> String {
        if self.age() >= FRESH {
            self.reload().await;
        }
        self.known().text.clone()
    }

    async fn key(&self, kid: &str) -> Option<DecodingKey> {
        let known = self.known().keys.get(kid).cloned();
        let due = self.age() >= if known.is_some() { FRESH } else { PATIENCE };
        if !due {
            return known;
        }
        self.reload().await;
        self.known().keys.get(kid).cloned()
    }

    /// Asks for the keys anew. If they cannot be had, those we have are better than none.
    async fn reload(&self) {
        self.known().asked = self.clock.now();
        let loaded = (self.load)().await.and_then(|text| Ok((read(&text)?, text)));
        match loaded {
            Ok((keys, text)) => {
                let mut known = self.known();
                (known.keys, known.text) = (keys, text);
            }
            Err(fault) => tracing::warn!(target: "fault", %fault, "the public keys could not be read again"),
        }
    }

    fn age(&self) -> Duration {
        self.clock.now().since(self.known().asked)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(text: &str) -> Result<HashMap<String, DecodingKey>, Fault> {
    let set: PublicKeys = serde_json::from_str(text).map_err(Fault::bug)?;
    let keys = set.keys.into_iter().filter(|key| key.crv == "Ed25519");
    let keys = keys.map(|key| Ok((key.kid, DecodingKey::from_ed_components(&key.x).map_err(Fault::bug)?)));
    let keys: HashMap<_, _> = keys.collect::<Result<_, Fault>>()?;
    if keys.is_empty() { Err(Fault::bug("no public key to check tokens with")) } else { Ok(keys) }
}
