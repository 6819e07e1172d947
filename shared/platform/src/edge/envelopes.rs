//! How problems are worded where clients expect other words than DRF's.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use serde_json::Value;
use wire::Problem;

/// How a problem is worded, if not as DRF does.
pub type Envelope = fn(&Problem) -> Value;

/// The envelopes of a function, each with the path that it begins at.
#[derive(Clone, Default)]
pub(super) struct Envelopes(Vec<(&'static str, Envelope)>);

impl Envelopes {
    pub(super) fn add(&mut self, path: &'static str, envelope: Envelope) {
        self.0.push((path, envelope));
    }

    /// The envelope of an address in its normal form.
    fn of(&self, address: &str) -> Option<Envelope> {
        let begins = |path: &str| {
            let rest = address.strip_prefix(path);
            rest.is_some_and(|rest| path.is_empty() || rest.is_empty() || rest.starts_with('/'))
        };
        self.0.iter().find(|(path, _)| begins(path)).map(|(_, envelope)| *envelope)
    }
}

/// Lays the envelope of the request's path around a problem, whoever refused: a handler, a policy or the router.
pub(super) async fn reword(envelopes: Envelopes, request: Request, next: Next) -> Response {
    let envelope = envelopes.of(request.uri().path());
    let response = next.run(request).await;
    match envelope {
        Some(envelope) => wire::reshape(response, envelope),
        None => response,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_is_for_a_path_and_all_below_it() {
        let mut envelopes = Envelopes::default();
        envelopes.add("/api/shop/auth", wire::unsuccessful);
        for inside in ["/api/shop/auth", "/api/shop/auth/login", "/api/shop/auth/users/7"] {
            assert!(envelopes.of(inside).is_some(), "{inside}");
        }
        for outside in ["/api/shop", "/api/shop/authors", "/api/auth/login", "/"] {
            assert!(envelopes.of(outside).is_none(), "{outside}");
        }
        envelopes.add("", wire::unsuccessful);
        for anything in ["/api/shop/authors", "/", "*"] {
            assert!(envelopes.of(anything).is_some(), "{anything}");
        }
    }
}
