//! What is shown of a voucher.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use wire::Stamp;

use super::{Status, Voucher, rules};
use crate::types::{TypeView, VoucherType};

/// A voucher.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VoucherView {
    id: String,
    code: String,
    /// The type as it was when the voucher was sold.
    voucher_type: TypeView,
    /// Whose it is; for the owner and staff alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[schema(value_type = String, example = "active")]
    status: Status,
    is_active: bool,
    usage_count: u32,
    total_uses: u32,
    uses_remaining: u32,
    last_used_at: Option<Stamp>,
    issued_at: Stamp,
    /// The same as `issued_at`.
    purchase_date: Stamp,
    expires_at: Stamp,
    /// The same as `expires_at`.
    expiry_date: Stamp,
    /// Whether it can be used now.
    is_valid: bool,
    /// The same as `is_valid`.
    voucher_is_valid: bool,
    days_until_expiry: u64,
    /// The payment; for the owner and staff alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<String>,
    /// What staff noted; for the owner and staff alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Map<String, Value>>,
    /// For whom it was bought, until they claim it; for the owner and staff alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient_email: Option<String>,
    /// The owner's address; for staff alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_email: Option<String>,
}

impl VoucherView {
    /// As whoever holds the code sees it.
    pub fn by_code(voucher: &Voucher, terms: &VoucherType, now: Stamp) -> Self {
        let status = rules::shown(voucher, now);
        let is_valid = rules::is_valid(voucher, now);
        Self {
            id: voucher.id.clone(),
            code: voucher.code.clone(),
            voucher_type: TypeView::from(terms),
            user: None,
            status,
            is_active: status == Status::Active,
            usage_count: voucher.usage_count,
            total_uses: voucher.total_uses,
            uses_remaining: rules::uses_remaining(voucher, now),
            last_used_at: voucher.last_used_at,
            issued_at: voucher.issued_at,
            purchase_date: voucher.issued_at,
            expires_at: voucher.expires_at,
            expiry_date: voucher.expires_at,
            is_valid,
            voucher_is_valid: is_valid,
            days_until_expiry: rules::days_left(voucher, now),
            transaction_id: None,
            metadata: None,
            recipient_email: None,
            user_email: None,
        }
    }

    /// As its owner sees it.
    pub fn owners(voucher: &Voucher, terms: &VoucherType, now: Stamp) -> Self {
        Self {
            user: Some(voucher.user.to_string()),
            transaction_id: Some(voucher.payment.clone()),
            metadata: Some(voucher.metadata.clone()),
            recipient_email: voucher.recipient.clone(),
            ..Self::by_code(voucher, terms, now)
        }
    }

    /// As an account sees it that has the code and may be the owner.
    pub fn seen_by(account: u64, voucher: &Voucher, terms: &VoucherType, now: Stamp) -> Self {
        if voucher.user == account {
            Self::owners(voucher, terms, now)
        } else {
            Self::by_code(voucher, terms, now)
        }
    }

    /// As staff see it.
    pub fn staffs(voucher: &Voucher, terms: &VoucherType, now: Stamp) -> Self {
        Self { user_email: Some(voucher.email.clone()), ..Self::owners(voucher, terms, now) }
    }
}
