//! What is shown of a payment.

use serde::Serialize;
use utoipa::ToSchema;
use wire::{Money, Stamp};

use super::{CURRENCY, Method, Payment, Status};
use crate::types::{TypeView, VoucherType};

/// A payment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentView {
    id: String,
    /// Who pays.
    user: String,
    /// The type as it was when it was sold.
    voucher_type: TypeView,
    quantity: u32,
    #[schema(value_type = String, example = "10.00")]
    unit_price: Money,
    #[schema(value_type = String, example = "2.00")]
    discount_amount: Money,
    discount_code: Option<String>,
    /// What is charged.
    #[schema(value_type = String, example = "18.00")]
    amount: Money,
    /// The same as `amount`.
    #[schema(value_type = String, example = "18.00")]
    total_amount: Money,
    #[schema(value_type = String, example = "0.00")]
    refunded_amount: Money,
    #[schema(example = "USD")]
    currency: &'static str,
    #[schema(value_type = String, example = "completed")]
    status: Status,
    #[schema(value_type = String, example = "stripe")]
    payment_method: Method,
    stripe_payment_intent_id: Option<String>,
    /// What the bank said of the last attempt.
    failure_reason: Option<String>,
    /// The vouchers, once it is completed.
    voucher_codes: Vec<String>,
    /// For whom the vouchers are, if they are a gift.
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient_email: Option<String>,
    created_at: Stamp,
    updated_at: Stamp,
    completed_at: Option<Stamp>,
    /// For staff alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    stripe_charge_id: Option<String>,
    /// Who pays; for staff alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_email: Option<String>,
}

impl PaymentView {
    /// As who pays sees it.
    pub fn owners(payment: &Payment, terms: &VoucherType) -> Self {
        Self {
            id: payment.id.clone(),
            user: payment.user.to_string(),
            voucher_type: TypeView::from(terms),
            quantity: payment.quantity,
            unit_price: payment.unit_price,
            discount_amount: payment.discount_amount,
            discount_code: payment.discount_code.clone(),
            amount: payment.amount,
            total_amount: payment.amount,
            refunded_amount: payment.refunded_amount,
            currency: CURRENCY,
            status: payment.status,
            payment_method: payment.method,
            stripe_payment_intent_id: payment.intent.clone(),
            failure_reason: payment.failure_reason.clone(),
            voucher_codes: payment.voucher_codes.clone(),
            recipient_email: payment.gift.as_ref().map(|gift| gift.email.clone()),
            created_at: payment.created_at,
            updated_at: payment.updated_at,
            completed_at: payment.completed_at,
            stripe_charge_id: None,
            user_email: None,
        }
    }

    /// As staff see it.
    pub fn staffs(payment: &Payment, terms: &VoucherType) -> Self {
        Self {
            stripe_charge_id: payment.charge.clone(),
            user_email: Some(payment.email.clone()),
            ..Self::owners(payment, terms)
        }
    }
}
