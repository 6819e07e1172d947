//! The tokens a session gives out.

use std::time::Duration;

use access::{AUDIENCE, Claims, Kind, Principal};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};
use wire::Stamp;

use crate::account::join_name;
use crate::dialect::Dialect;

/// A secret of 256 random bits, as text.
pub fn secret() -> String {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).expect("the system has randomness");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What an access token says of its account.
pub fn access(
    issuer: &str,
    principal: &Principal,
    dialect: Dialect,
    ver: u64,
    family: &str,
    now: Stamp,
) -> Claims {
    Claims {
        username: Some(principal.username.clone()),
        email: Some(principal.email.clone()),
        full_name: Some(join_name(&principal.first_name, &principal.last_name)),
        roles: Some(principal.roles.clone()),
        role: Some(dialect.context.role(&principal.roles).to_owned()),
        ..bare(issuer, Kind::Access, principal.id, ver, family, now, dialect.access, secret())
    }
}

/// What a refresh token says: its session and its own secret, nothing of the account.
pub fn refresh(
    issuer: &str,
    account: u64,
    ver: u64,
    family: &str,
    secret: &str,
    now: Stamp,
    end: Stamp,
) -> Claims {
    bare(issuer, Kind::Refresh, account, ver, family, now, end.since(now), secret.to_owned())
}

#[expect(clippy::too_many_arguments, reason = "each is a claim")]
fn bare(
    issuer: &str,
    kind: Kind,
    account: u64,
    ver: u64,
    family: &str,
    now: Stamp,
    life: Duration,
    jti: String,
) -> Claims {
    Claims {
        iss: issuer.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: account.to_string(),
        exp: (now + life).seconds(),
        iat: now.seconds(),
        jti,
        token_type: kind,
        user_id: account,
        ver,
        username: None,
        email: None,
        full_name: None,
        roles: None,
        role: None,
        family: Some(family.to_owned()),
    }
}
