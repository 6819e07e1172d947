//! What staff see of a discount.

use serde::Serialize;
use utoipa::ToSchema;
use wire::{Money, Stamp};

use super::{Discount, Unit, rules};
use crate::types::{TypeView, VoucherType};

/// A discount.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DiscountView {
    id: String,
    code: String,
    description: String,
    #[schema(value_type = String, example = "percentage")]
    discount_type: Unit,
    #[schema(value_type = String, example = "10.00")]
    discount_value: Money,
    /// The types it applies to; every type, if there are none.
    applicable_types: Vec<TypeView>,
    max_uses: Option<i64>,
    current_uses: i64,
    max_uses_per_user: i64,
    valid_from: Stamp,
    valid_until: Stamp,
    is_active: bool,
    /// Whether it is given at this moment.
    is_valid_field: bool,
    created_at: Stamp,
}

impl DiscountView {
    /// A discount beside the types that there are.
    pub fn new(discount: Discount, types: &[VoucherType], now: Stamp) -> Self {
        let applies = types.iter().filter(|known| discount.applicable_types.contains(&known.id));
        Self {
            id: discount.id(),
            is_valid_field: rules::is_given(&discount, now),
            applicable_types: applies.map(TypeView::from).collect(),
            code: discount.code,
            description: discount.description,
            discount_type: discount.unit,
            discount_value: discount.value,
            max_uses: discount.max_uses,
            current_uses: discount.current_uses,
            max_uses_per_user: discount.max_uses_per_user,
            valid_from: discount.valid_from,
            valid_until: discount.valid_until,
            is_active: discount.is_active,
            created_at: discount.created_at,
        }
    }
}
