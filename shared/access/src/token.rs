//! Tokens: what they say and when they are believed.

use std::collections::BTreeMap;
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};
use wire::Stamp;

/// Who our tokens are for.
pub const AUDIENCE: &str = "mercato";

/// How far the clocks of two functions may differ.
const LEEWAY: Duration = Duration::from_secs(30);

/// What a token says. The names are those that clients of `SimpleJWT` read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it: the stage.
    pub iss: String,
    /// Who it is for.
    pub aud: String,
    /// The account, as text.
    pub sub: String,
    /// The end, in epoch seconds.
    pub exp: i64,
    /// The beginning, in epoch seconds.
    pub iat: i64,
    /// The token's own identity.
    pub jti: String,
    /// `access` or `refresh`; never interchangeable.
    pub token_type: Kind,
    /// The account.
    pub user_id: u64,
    /// The version of the account's tokens; raised when all of them are to end.
    pub ver: u64,
    /// The user name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// First and last name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// The roles by context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<BTreeMap<String, String>>,
    /// The role in the context that issued it, for clients that know of one only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The refresh family, of a refresh token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
}

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// To ask for something.
    Access,
    /// To get another access token.
    Refresh,
}

/// The issuer of a stage's tokens.
pub fn issuer(stage: &str) -> String {
    format!("mercato-{stage}")
}

/// The key a token claims to be signed with; `None` when its header is not one of ours.
pub(crate) fn kid(token: &str) -> Option<String> {
    let header = jsonwebtoken::decode_header(token).ok()?;
    let foreign = header.jku.is_some()
        || header.jwk.is_some()
        || header.x5u.is_some()
        || header.x5c.is_some()
        || header.x5t.is_some()
        || header.x5t_s256.is_some()
        || header.crit.is_some();
    let ours = header.alg == Algorithm::EdDSA && header.typ.as_deref() == Some("JWT") && !foreign;
    header.kid.filter(|_| ours)
}

/// Checks signature, issuer, audience, kind and time.
pub(crate) fn verify(token: &str, key: &DecodingKey, issuer: &str, kind: Kind, now: Stamp) -> Option<Claims> {
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    rules.set_issuer(&[issuer]);
    rules.set_audience(&[AUDIENCE]);
    // The library reads the system's clock; ours may be moved.
    rules.validate_exp = false;
    let claims = jsonwebtoken::decode::<Claims>(token, key, &rules).ok()?.claims;
    let timely = claims.exp > (now - LEEWAY).seconds() && claims.iat <= (now + LEEWAY).seconds();
    let whole = claims.sub == claims.user_id.to_string() && !claims.jti.is_empty();
    (timely && whole && claims.token_type == kind).then_some(claims)
}
