//! What is shown of a usage.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use wire::Stamp;

use super::Usage;

/// One use of a voucher.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UsageView {
    id: String,
    voucher_code: String,
    voucher_type_name: String,
    service_type: String,
    /// What the service notes.
    service_data: Map<String, Value>,
    /// The same as `service_data`.
    details: Map<String, Value>,
    used_at: Stamp,
    ip_address: Option<String>,
    /// When the use was given back, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    rolled_back_at: Option<Stamp>,
}

impl From<Usage> for UsageView {
    fn from(usage: Usage) -> Self {
        Self {
            id: usage.id,
            voucher_code: usage.voucher_code,
            voucher_type_name: usage.type_name,
            service_type: usage.service_type,
            details: usage.service_data.clone(),
            service_data: usage.service_data,
            used_at: usage.used_at,
            ip_address: usage.ip_address,
            rolled_back_at: usage.rolled_back_at,
        }
    }
}
