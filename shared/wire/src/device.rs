//! What a client calls itself.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::header::USER_AGENT;
use http::request::Parts;

/// What a client calls itself; empty if it does not say. Its own word: good to be shown, and for nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device(pub String);

impl<S: Sync> FromRequestParts<S> for Device {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let agent = parts.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
        Ok(Self(agent.unwrap_or_default().to_owned()))
    }
}
