//! The public keys, for everybody who checks our tokens.

use access::{Policy, Routes, routes};
use axum::extract::State;
use axum::response::IntoResponse;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::Identity;

/// The routes of the keys.
pub fn routes() -> Routes<Identity> {
    Routes::new().route(Policy::anyone(), routes!(jwks))
}

/// List the public keys.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "keys", operation_id = "identity_keys_list",
    responses((status = 200, description = "A JSON Web Key Set.", body = access::PublicKeys)))]
async fn jwks(State(identity): State<Identity>) -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=300")];
    (headers, identity.app.keyring().published().await)
}
