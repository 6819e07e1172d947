//! A sign of life. Whether the whole is healthy, the documents' function answers below each mount.

use access::{Policy, Routes, routes};
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Prepaid;

/// The route that tells that the service is up.
pub fn routes() -> Routes<Prepaid> {
    Routes::new().route(Policy::anyone(), routes!(test))
}

/// See that the service is up; for pages that look here.
#[utoipa::path(get, path = "/test", tag = "health", operation_id = "prepaid_health_test",
    responses((status = 200, body = Works)))]
async fn test() -> Json<Works> {
    Json(Works { message: "Backend is working!", status: "success", version: "1.0.0" })
}

/// That the service works.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Works {
    message: &'static str,
    #[schema(example = "success")]
    status: &'static str,
    version: &'static str,
}
