//! Using vouchers.

use access::{Address, Caller, Policy, Routes, routes};
use axum::extract::State;
use axum::{Extension, Json};
use http::StatusCode;
use platform::{Idempotency, metric};
use serde::Serialize;
use table::{Listing, again_from};
use utoipa::ToSchema;
use wire::{Device, Links, Object, Page, Problem, Query, Reply, Sent, Stamp, Text, input};

use super::list::OF_ONE;
use super::sought::{Sought, again, sought};
use super::{By, Usage, UsageView, store};
use crate::letters::{Told, tell};
use crate::vouchers::{Refusal, VoucherView, rules};
use crate::{NOTES, Prepaid};

/// The routes of using vouchers.
pub fn routes() -> Routes<Prepaid> {
    Routes::new()
        .route(Policy::own("whoever has the code"), routes!(redeem))
        .route(Policy::own("whoever has the code"), routes!(validate))
        .route(Policy::own("the caller's uses"), routes!(history).saying(|list| OF_ONE.describe(list)))
}

/// Use a voucher, once, for a service. Whoever has the code may.
#[utoipa::path(post, path = "/vouchers/redeem", tag = "vouchers", operation_id = "prepaid_vouchers_redeem",
    request_body = RedeemForm, responses((status = 200, body = Redeemed),
        (status = 400, description = "What is wrong, by field; the voucher is as it was.")))]
async fn redeem(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    Extension(address): Extension<Address>,
    device: Device,
    once: Idempotency,
    sent: Sent,
) -> Reply<Json<Redeemed>> {
    let now = prepaid.clock.now();
    let sent = sent.alias("details", "service_data");
    let Sought { form, voucher, .. } = sought::<RedeemForm>(&prepaid, &caller, &address, &sent).await?;
    let voucher = voucher?;
    let (code, service) = (voucher.code.clone(), form.service_type.as_str());
    let by = By { user: caller.id(), address: address.0, agent: device.0 };
    let reload = || again(&prepaid, &code);
    let redeeming = again_from(voucher, reload, async |before| {
        let after = rules::spend(&before, service, now).map_err(Problem::from)?;
        let terms = prepaid.terms.one(&prepaid.table, after.terms).await?;
        let usage = Usage::new(&after, &terms, service, form.service_data.clone().into(), &by, now);
        let answer = Redeemed::new(VoucherView::seen_by(by.user, &after, &terms, now), usage.clone());
        let tx = store::spend(&before, &after, &usage).tell(tell(&Told::Redeemed { usage: usage.id }, now));
        prepaid.table.commit::<Problem>(tx.answering(once.answer(StatusCode::OK, &answer)?)).await?;
        Ok(answer)
    });
    let answer = redeeming.await?;
    metric::count("PrepaidRedemptions", now);
    Ok(Json(answer))
}

/// Ask whether a voucher could be used for a service, without using it.
#[utoipa::path(post, path = "/vouchers/validate", tag = "vouchers", operation_id = "prepaid_vouchers_validate",
    request_body = ValidateForm, responses((status = 200, body = Validity),
        (status = 400, description = "What is wrong, by field.")))]
async fn validate(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    Extension(address): Extension<Address>,
    once: Idempotency,
    sent: Sent,
) -> Reply<Json<Validity>> {
    let asking = validity(&prepaid, &caller, &address, &sent);
    Ok(Json(once.around(&prepaid.table, StatusCode::OK, asking).await?))
}

async fn validity(prepaid: &Prepaid, caller: &Caller, address: &Address, sent: &Sent) -> Reply<Validity> {
    let now = prepaid.clock.now();
    let Sought { form, voucher, .. } = sought::<ValidateForm>(prepaid, caller, address, sent).await?;
    let reason = |refusal: Refusal| Some(Problem::from(refusal).line().split_once(": ")?.1.to_owned());
    let voucher = match voucher {
        Ok(voucher) => voucher,
        Err(problem) if problem.status() == StatusCode::BAD_REQUEST => {
            let reason = reason(Refusal::Unknown);
            return Ok(Validity { valid: false, reason, uses_remaining: 0, expires_at: None });
        }
        Err(problem) => return Err(problem),
    };
    let refusal = rules::admits(&voucher, form.service_type.as_str(), now).err();
    Ok(Validity {
        valid: refusal.is_none(),
        reason: refusal.and_then(reason),
        uses_remaining: rules::uses_remaining(&voucher, now),
        expires_at: Some(voucher.expires_at),
    })
}

/// List the uses that the caller made, the newest first.
#[utoipa::path(get, path = "/vouchers/usage-history", tag = "usages", operation_id = "prepaid_usages_list",
    responses((status = 200, body = Page<UsageView>), (status = 400, description = "A filter has a bad value."),
        (status = 404, description = "There is no such page.")))]
async fn history(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    links: Links,
    query: Query,
) -> Reply<Json<Page<UsageView>>> {
    let listing = Listing::new(&query, &links, &caller.id()).of(&caller.id());
    let (_, page) = caller.beside(OF_ONE.page(&prepaid.table, &listing)).await?;
    Ok(Json(page.map(UsageView::from)))
}

input! {
    /// A voucher, and what it is used for.
    pub struct RedeemForm {
        /// In either case, with or without blanks and hyphens.
        code: Text<20>,
        service_type: Text<100>,
        /// What the service notes. Also read as `details`.
        service_data: Object<NOTES> = Object::default(),
    }
}

input! {
    /// A voucher, and what it would be used for.
    pub struct ValidateForm {
        code: Text<20>,
        service_type: Text<100>,
    }
}

/// A use that happened.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Redeemed {
    message: &'static str,
    /// The voucher after it.
    voucher: VoucherView,
    usage: UsageView,
}

impl Redeemed {
    pub(super) fn new(voucher: VoucherView, usage: Usage) -> Self {
        Self { message: "Voucher redeemed successfully", voucher, usage: usage.into() }
    }
}

/// Whether a voucher could be used.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Validity {
    valid: bool,
    /// Why not.
    reason: Option<String>,
    uses_remaining: u32,
    expires_at: Option<Stamp>,
}
