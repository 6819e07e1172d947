//! Ids in paths.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;

use crate::Problem;

/// The one variable of a path, whatever it is: what is no text names nothing, and is not found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Id(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(id)| Self(id)).map_err(|_| Problem::not_found())
    }
}
