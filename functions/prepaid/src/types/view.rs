//! What is shown of a voucher type.

use serde::Serialize;
use utoipa::ToSchema;
use wire::{Money, Stamp};

use super::VoucherType;

/// A voucher type; in vouchers and payments, as it was when it was sold.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TypeView {
    id: String,
    name: String,
    /// The service it is for.
    type_code: String,
    /// The same as `type_code`.
    service_type: String,
    description: String,
    #[schema(value_type = String, example = "10.00")]
    price: Money,
    is_active: bool,
    validity_days: u32,
    usage_limit: u32,
    /// The same as `usage_limit`.
    max_uses: u32,
    /// The services it can be redeemed for; any, if none is named.
    accepted_services: Vec<String>,
    created_at: Stamp,
    updated_at: Stamp,
}

impl From<&VoucherType> for TypeView {
    fn from(sold: &VoucherType) -> Self {
        Self {
            id: sold.id.to_string(),
            name: sold.name.clone(),
            type_code: sold.type_code.clone(),
            service_type: sold.type_code.clone(),
            description: sold.description.clone(),
            price: sold.price,
            is_active: sold.is_active,
            validity_days: sold.validity_days,
            usage_limit: sold.usage_limit,
            max_uses: sold.usage_limit,
            accepted_services: sold.accepted_services.clone(),
            created_at: sold.created_at,
            updated_at: sold.updated_at,
        }
    }
}
