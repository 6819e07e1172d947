//! What buying begins with, whichever way it is paid: the order, and a payment for it.

use std::time::Duration;

use access::Principal;
use http::StatusCode;
use platform::Idempotency;
use serde::Serialize;
use stripe::Trouble;
use table::{Denied, Tx, again_on};
use utoipa::ToSchema;
use wire::{
    Choice, Email, Fault, FieldErrors, Money, Problem, Prose, Reply, Sent, Stamp, Text, Whole, input,
};

use super::rules::{self, Order};
use super::settle::delivered;
use super::{CURRENCY, Gift, Method, Payment, PaymentView, Refusal, store};
use crate::discounts::{self, Discount};
use crate::types::{self, VoucherType};
use crate::vouchers::store::by_codes;
use crate::vouchers::{Voucher, VoucherView, rules::issue};
use crate::{Prepaid, ids};

/// How long a request that asks Stripe may be at work: longer than any function runs.
pub const AT_WORK: Duration = Duration::from_secs(30);

/// How far ahead a gift may be sent.
const AHEAD: Duration = Duration::from_hours(365 * 24);

const DAY: Duration = Duration::from_hours(24);

/// What an order names, as it stands: the type, and the discount with how often the account used it.
pub struct Named {
    /// The type, if it is sold.
    pub sold: Option<VoucherType>,
    /// The discount, if there is such a code.
    pub discount: Option<(Discount, i64)>,
}

impl Prepaid {
    /// Reads what a body names, before the body itself is read.
    pub async fn named(&self, sent: &Sent, account: u64) -> Result<Named, Fault> {
        let id = sent.id::<20>("voucher_type_id");
        let code = sent.id::<50>("discount_code");
        let sold = types::store::by_id(&self.table, &id);
        let discount = discounts::store::of_account(&self.table, &code, account);
        let (sold, discount) = tokio::try_join!(sold, discount)?;
        Ok(Named { sold: sold.filter(|sold| sold.is_active), discount })
    }

    /// Makes the payment of an order, and delivers at once where there is nothing to pay.
    ///
    /// `named` is what the order was judged by; if that changed meanwhile, it is judged anew. `free` makes what is
    /// answered where the payment is complete with that.
    pub async fn opened(
        &self,
        principal: &Principal,
        named: Named,
        sent: &Sent,
        order: impl Fn(&Named) -> Reply<Order>,
        once: &Idempotency,
        free: impl Fn(&Payment, &[Voucher], &VoucherType) -> Result<Option<table::Answered>, Fault>,
    ) -> Reply<Opened> {
        let reload = || self.named(sent, principal.id);
        let opening = again_on(named, reload, async |named: Named| {
            let now = self.clock.now();
            let order = order(&named)?;
            let id = ids::fresh(principal.id, now);
            let payment = rules::open(id, principal.id, &principal.email, &order, now);
            let payment = payment.map_err(Problem::from)?;
            let discount = order.discount.as_ref();
            let commit = |tx: Tx<Refusal>| async { self.table.commit(tx).await.map_err(Denied::worded) };
            if payment.amount > Money::ZERO {
                let tx = store::open(&payment, discount).answering(once.begins(&payment.id, AT_WORK));
                commit(tx).await?;
                return Ok(Opened { payment, terms: order.sold, delivered: None });
            }
            let issued = issue(&payment, &order.sold, now);
            let payment = rules::complete(&payment, &issued, now);
            let tx = delivered(store::give(&payment, discount, &issued), &payment, now);
            commit(tx.answering(free(&payment, &issued, &order.sold)?)).await?;
            Ok(Opened { payment, terms: order.sold, delivered: Some(issued) })
        });
        Ok(opening.await?)
    }

    /// A payment that an earlier try of the request began, with what it is for.
    pub async fn resumed(&self, id: &str) -> Result<Opened, Fault> {
        let payment = self.payment(id).await?;
        let terms = self.terms.one(&self.table, payment.terms).await?.as_ref().clone();
        let delivered = self.delivered(&payment).await?;
        Ok(Opened { payment, terms, delivered })
    }

    /// The vouchers of a payment; none, while it is not paid.
    pub async fn delivered(&self, payment: &Payment) -> Result<Option<Vec<Voucher>>, Fault> {
        if payment.is_paid() {
            by_codes(&self.table, &payment.voucher_codes).await.map(Some)
        } else {
            Ok(None)
        }
    }

    /// What is answered when Stripe could not be asked: the payment stays, and the next try goes on with it.
    pub async fn unavailable(&self, once: &Idempotency, payment: &Payment, trouble: &Trouble) -> Problem {
        tracing::warn!(target: "fault", %trouble, payment = payment.id, "Stripe does not answer as it should");
        if let Some(request) = once.request() {
            // If this fails as well, the next try waits until nobody can be at work any more.
            let _ = self.table.apply(request.pause(&payment.id), ()).await;
        }
        unavailable().with("payment_id", payment.id.as_str())
    }
}

/// A payment that was made, with what it is for.
pub struct Opened {
    /// The payment.
    pub payment: Payment,
    /// What it is for.
    pub terms: VoucherType,
    /// The vouchers, if it is complete.
    pub delivered: Option<Vec<Voucher>>,
}

/// What is said while Stripe does not answer.
pub fn unavailable() -> Problem {
    Problem::said(StatusCode::BAD_GATEWAY, "Payment processor unavailable")
}

/// What an order says besides what it names, and what is wrong with that.
pub fn order(form: &OrderForm, named: &Named, card: Option<&str>, now: Stamp) -> Reply<Order> {
    let Some(sold) = named.sold.clone() else { return Err(Problem::not_found()) };
    if form.payment_method.as_str() != Method::Stripe.as_str() {
        return Err(Problem::said(StatusCode::BAD_REQUEST, "Payment method not supported yet"));
    }
    let mut errors = FieldErrors::new();
    if !form.currency.as_str().eq_ignore_ascii_case(CURRENCY) {
        errors.add("currency", "Only USD is supported.");
    }
    let discount = match (&form.discount_code, &named.discount) {
        (None, _) => None,
        (Some(_), None) => {
            errors.add("discount_code", discounts::Refusal::Unknown.text());
            None
        }
        (Some(_), Some((discount, used))) => {
            if let Err(refusal) = discounts::rules::give(discount, sold.id, *used, now) {
                errors.add("discount_code", refusal.text());
            }
            Some(discount.clone())
        }
    };
    let gift = form.recipient_email.as_ref().map(|email| Gift {
        email: email.as_str().to_owned(),
        message: form.recipient_message.as_str().to_owned(),
        send_at: form.send_at.filter(|at| *at > now),
    });
    if gift.is_none() && (form.send_at.is_some() || !form.recipient_message.as_str().is_empty()) {
        errors.add("recipient_email", "This field is required.");
    }
    if form.send_at.is_some_and(|at| at > now + AHEAD) {
        errors.add("send_at", "Ensure this date is at most a year ahead.");
    } else if form.send_at.is_some_and(|at| at >= now + DAY * sold.validity_days) {
        errors.add("send_at", "Ensure this date is before the vouchers end.");
    }
    let quantity = u32::try_from(form.quantity.get()).expect("the form keeps within these bounds");
    let card = card.map(str::to_owned);
    errors.or(Order { sold, quantity, discount, card, gift }).map_err(Problem::fields)
}

input! {
    /// What somebody wants to buy.
    pub struct OrderForm {
        /// The type, as a text or a number.
        voucher_type_id: Text<20>,
        quantity: Whole<1, 10> = Whole::of(1),
        discount_code: Option<Text<50>> = None,
        /// A card at Stripe that is charged at once: `pm_...`
        payment_method_id: Option<Text<255>> = None,
        /// Only `stripe`, for now.
        payment_method: Text<50> = Text::parse("stripe").expect("a plain word"),
        /// Only `USD`.
        currency: Text<10> = Text::parse(CURRENCY).expect("a plain word"),
        /// Whom the codes are mailed to, if they are a gift.
        recipient_email: Option<Email> = None,
        /// What the buyer says to them.
        recipient_message: Prose<500> = Prose::default(),
        /// When they are written to; at once by default.
        send_at: Option<Stamp> = None,
    }
}

/// What is answered once vouchers are there.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Purchased {
    message: String,
    vouchers: Vec<VoucherView>,
    /// What was charged.
    #[schema(value_type = f64, example = 18.0)]
    total_paid: serde_json::Number,
    #[schema(value_type = f64, example = 2.0)]
    discount_applied: serde_json::Number,
    payment: PaymentView,
}

impl Purchased {
    /// The vouchers of a payment that is complete.
    pub fn new(payment: &Payment, vouchers: &[Voucher], terms: &VoucherType, now: Stamp) -> Self {
        Self {
            message: format!("Successfully purchased {} voucher(s)", vouchers.len()),
            vouchers: vouchers.iter().map(|voucher| VoucherView::owners(voucher, terms, now)).collect(),
            total_paid: payment.amount.to_number(),
            discount_applied: payment.discount_amount.to_number(),
            payment: PaymentView::owners(payment, terms),
        }
    }
}
