//! Holding a use for a while: to be spent when the service is done, or to be free again.

use std::time::Duration;

use access::{Address, Caller, Policy, Routes, routes};
use axum::extract::State;
use axum::{Extension, Json};
use http::StatusCode;
use platform::Idempotency;
use serde::Serialize;
use table::{Tx, again_on};
use utoipa::ToSchema;
use wire::{Device, Id, Object, Problem, Reply, Sent, Stamp, Text, Whole, input};

use super::http::Redeemed;
use super::sought::{Sought, again, sought};
use super::{By, Usage, store};
use crate::letters::{Told, tell};
use crate::vouchers::{Hold, Voucher, VoucherView, code::fresh, rules, store as vouchers};
use crate::{NOTES, Prepaid};

/// The routes of holding.
pub fn routes() -> Routes<Prepaid> {
    let holder = || Policy::own("what the caller holds");
    Routes::new()
        .route(Policy::own("whoever has the code"), routes!(reserve))
        .route(holder(), routes!(commit))
        .route(holder(), routes!(release))
}

/// Hold a use of a voucher for a while.
///
/// Nobody else spends it meanwhile, and after that it is free again.
#[utoipa::path(post, path = "/vouchers/reserve", tag = "vouchers", operation_id = "prepaid_vouchers_reserve",
    request_body = ReserveForm, responses((status = 201, body = Reserved),
        (status = 400, description = "What is wrong, by field; the voucher is as it was.")))]
async fn reserve(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    Extension(address): Extension<Address>,
    once: Idempotency,
    sent: Sent,
) -> Reply<(StatusCode, Json<Reserved>)> {
    let now = prepaid.clock.now();
    let Sought { form, voucher, .. } = sought::<ReserveForm>(&prepaid, &caller, &address, &sent).await?;
    let voucher = voucher?;
    let code = voucher.code.clone();
    let minutes = u64::try_from(form.minutes.get()).expect("the form keeps within these bounds");
    let hold = Hold {
        id: fresh(),
        by: caller.id(),
        service: form.service_type.into(),
        until: now + Duration::from_mins(minutes),
    };
    let reload = || again(&prepaid, &code);
    let holding = again_on(voucher, reload, async |before| {
        let after = rules::hold(&before, hold.clone(), now).map_err(Problem::from)?;
        let terms = prepaid.terms.one(&prepaid.table, after.terms).await?;
        let until = after.holds.last().map_or(hold.until, |held| held.until);
        let answer = Reserved {
            id: format!("{}-{}", after.code, hold.id),
            voucher_code: after.code.clone(),
            service_type: hold.service.clone(),
            expires_at: until,
            voucher: VoucherView::seen_by(caller.id(), &after, &terms, now),
        };
        let tx = vouchers::change(Tx::new(), &before, &after);
        prepaid.table.commit::<Problem>(tx.answering(once.answer(StatusCode::CREATED, &answer)?)).await?;
        Ok(answer)
    });
    Ok((StatusCode::CREATED, Json(holding.await?)))
}

/// Spend a use that is held.
#[utoipa::path(post, path = "/vouchers/reserve/{id}/commit", tag = "vouchers", operation_id = "prepaid_vouchers_commit",
    params(("id" = String, Path, description = "What is held.")), request_body = CommitForm,
    responses((status = 200, body = Redeemed), (status = 404, description = "The caller holds no such use."),
        (status = 409, description = "It is not held any more.")))]
async fn commit(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    Extension(address): Extension<Address>,
    device: Device,
    once: Idempotency,
    Id(id): Id,
    sent: Sent,
) -> Reply<Json<Redeemed>> {
    let now = prepaid.clock.now();
    let (of, hold) = parts(&id)?;
    let (_, found) = caller.beside(find(&prepaid, of)).await?;
    let form: CommitForm = sent.alias("details", "service_data").read()?;
    let by = By { user: caller.id(), address: address.0, agent: device.0 };
    let reload = || find(&prepaid, of);
    let committing = again_on(found, reload, async |before| {
        held_by(&before, hold, caller.id())?;
        let (after, service) = rules::commit(&before, hold, now).map_err(Problem::from)?;
        let terms = prepaid.terms.one(&prepaid.table, after.terms).await?;
        let usage = Usage::new(&after, &terms, &service, form.service_data.clone().into(), &by, now);
        let answer = Redeemed::new(VoucherView::seen_by(by.user, &after, &terms, now), usage.clone());
        let tx = store::spend(&before, &after, &usage).tell(tell(&Told::Redeemed { usage: usage.id }, now));
        prepaid.table.commit::<Problem>(tx.answering(once.answer(StatusCode::OK, &answer)?)).await?;
        Ok(answer)
    });
    Ok(Json(committing.await?))
}

/// Let a use that is held be free again.
#[utoipa::path(post, path = "/vouchers/reserve/{id}/release", tag = "vouchers", operation_id = "prepaid_vouchers_release",
    params(("id" = String, Path, description = "What is held.")),
    responses((status = 200, body = VoucherView), (status = 404, description = "The caller holds no such use."),
        (status = 409, description = "It is not held any more.")))]
async fn release(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    once: Idempotency,
    Id(id): Id,
) -> Reply<Json<VoucherView>> {
    let now = prepaid.clock.now();
    let (of, hold) = parts(&id)?;
    let (_, found) = caller.beside(find(&prepaid, of)).await?;
    let reload = || find(&prepaid, of);
    let releasing = again_on(found, reload, async |before| {
        held_by(&before, hold, caller.id())?;
        let after = rules::release(&before, hold, now).map_err(Problem::from)?;
        let terms = prepaid.terms.one(&prepaid.table, after.terms).await?;
        let answer = VoucherView::seen_by(caller.id(), &after, &terms, now);
        let tx = vouchers::change(Tx::new(), &before, &after);
        prepaid.table.commit::<Problem>(tx.answering(once.answer(StatusCode::OK, &answer)?)).await?;
        Ok(answer)
    });
    Ok(Json(releasing.await?))
}

/// The voucher and what is held of it, of an id.
fn parts(id: &str) -> Reply<(&str, &str)> {
    id.split_once('-').ok_or_else(missing)
}

fn missing() -> Problem {
    Problem::said(StatusCode::NOT_FOUND, "Reservation not found")
}

async fn find(prepaid: &Prepaid, of: &str) -> Reply<Voucher> {
    vouchers::by_code(&prepaid.table, of).await?.ok_or_else(missing)
}

/// Whether the caller holds it, or held it as far as anybody can tell.
fn held_by(voucher: &Voucher, hold: &str, caller: u64) -> Reply<()> {
    match voucher.holds.iter().find(|held| held.id == hold) {
        Some(held) if held.by == caller => Ok(()),
        _ => Err(missing()),
    }
}

input! {
    /// A use that is to be held.
    pub struct ReserveForm {
        /// In either case, with or without blanks and hyphens.
        code: Text<20>,
        service_type: Text<100>,
        /// For how long.
        minutes: Whole<1, 120> = Whole::of(15),
    }
}

input! {
    /// What the service notes of a use that was held.
    pub struct CommitForm {
        /// Also read as `details`.
        service_data: Object<NOTES> = Object::default(),
    }
}

/// A use that is held.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Reserved {
    /// What it is spent or released by.
    id: String,
    voucher_code: String,
    service_type: String,
    /// Until when it is held.
    expires_at: Stamp,
    voucher: VoucherView,
}
