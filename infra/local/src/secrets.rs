//! The keys and secrets of a stage, made at its first start.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::json;
use standins::ssm::Parameters;
use wire::Fault;

use crate::stripe;

/// Puts every parameter that is not there yet below `prefix`.
pub(crate) fn provide(parameters: &Parameters, prefix: &str) -> Result<(), Fault> {
    let name = |name: &str| format!("{prefix}/{name}");
    for secret in ["shared/cursor-key", "identity/pepper"] {
        if parameters.get(&name(secret)).is_none() {
            parameters.put(&name(secret), &STANDARD.encode(random()), true).map_err(Fault::bug)?;
        }
    }
    // Not kept: whoever tried the keys of a real account goes back to the stand-in by starting without them.
    for (key, value) in stripe::secrets() {
        parameters.put(&name(key), &value, true).map_err(Fault::bug)?;
    }
    if parameters.get(&name("identity/signing-keys")).is_none() {
        let (signing, public) = signing_key("local-1")?;
        parameters
            .put(&name("shared/jwks"), &json!({ "keys": [public] }).to_string(), false)
            .map_err(Fault::bug)?;
        parameters
            .put(&name("identity/signing-keys"), &json!([signing]).to_string(), true)
            .map_err(Fault::bug)?;
    }
    Ok(())
}

/// A new key: how identity keeps it, and how everybody else does.
pub fn signing_key(kid: &str) -> Result<(serde_json::Value, serde_json::Value), Fault> {
    let made = || Fault::bug("no signing key could be made");
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| made())?;
    let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).map_err(|_| made())?;
    let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    let public = json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": x });
    Ok((json!({ "kid": kid, "pkcs8": STANDARD.encode(document.as_ref()) }), public))
}

fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).expect("the system has randomness");
    bytes
}
