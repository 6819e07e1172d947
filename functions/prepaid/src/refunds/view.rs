//! What is shown of a refund.

use serde::Serialize;
use utoipa::ToSchema;
use wire::{Money, Stamp};

use super::{Reason, Refund, Status};
use crate::payments::PaymentView;

/// A refund.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RefundView {
    id: String,
    /// The payment.
    payment: String,
    #[schema(value_type = String, example = "18.00")]
    amount: Money,
    #[schema(value_type = String, example = "customer_request")]
    reason: Reason,
    #[schema(value_type = String, example = "pending")]
    status: Status,
    /// What was said with the request.
    notes: String,
    /// What staff said of it.
    admin_notes: String,
    /// The vouchers that it took.
    vouchers_cancelled: Vec<String>,
    created_at: Stamp,
    processed_at: Option<Stamp>,
    /// What the payment was; in lists for staff alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_detail: Option<PaymentView>,
}

impl RefundView {
    /// As who asked for it sees it.
    pub fn requesters(refund: Refund) -> Self {
        Self {
            id: refund.id,
            payment: refund.payment,
            amount: refund.amount,
            reason: refund.reason,
            status: refund.status,
            notes: refund.notes,
            admin_notes: refund.admin_notes,
            vouchers_cancelled: refund.vouchers_cancelled,
            created_at: refund.created_at,
            processed_at: refund.processed_at,
            payment_detail: None,
        }
    }

    /// As staff see it in lists.
    pub fn staffs(refund: Refund, payment: Option<PaymentView>) -> Self {
        Self { payment_detail: payment, ..Self::requesters(refund) }
    }
}
