//! Giving a use back, for staff: the service failed after the use was spent.

use access::{Caller, Routes, routes};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use platform::Idempotency;
use serde::Serialize;
use table::again_on;
use utoipa::ToSchema;
use wire::{Id, Problem, Prose, Reply, Sent, input};

use super::{Rollback, Usage, UsageView, store};
use crate::vouchers::{Voucher, VoucherView, rules, store as vouchers};
use crate::{Prepaid, scope};

/// The route of giving back.
pub fn routes() -> Routes<Prepaid> {
    Routes::new().route(scope::staff(), routes!(roll_back))
}

/// Give a use back to its voucher. The record of the use stays, and one of this stands beside it.
#[utoipa::path(post, path = "/admin/usages/{id}/rollback", tag = "usages", operation_id = "prepaid_usages_rollback",
    params(("id" = String, Path, description = "The use.")), request_body = RollbackForm,
    responses((status = 200, body = RolledBack), (status = 404, description = "No such use."),
        (status = 409, description = "It was given back already.")))]
async fn roll_back(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    once: Idempotency,
    Id(id): Id,
    sent: Sent,
) -> Reply<Json<RolledBack>> {
    let (table, now) = (&prepaid.table, prepaid.clock.now());
    let (_, found) = caller.beside(find(&prepaid, &id)).await?;
    let reason = String::from(sent.read::<RollbackForm>()?.reason);
    let done = || Problem::said(StatusCode::CONFLICT, "This use was given back already");
    let reload = || find(&prepaid, &id);
    let rolling = again_on(found, reload, async |(usage, voucher)| {
        if usage.rolled_back_at.is_some() {
            return Err(done().into());
        }
        let given_back = Usage { rolled_back_at: Some(now), ..usage.clone() };
        let after = rules::give_back(&voucher);
        let rollback = Rollback {
            usage: usage.id.clone(),
            user: usage.user,
            voucher_code: usage.voucher_code.clone(),
            by: caller.id(),
            reason: reason.clone(),
            at: now,
        };
        let terms = prepaid.terms.one(table, after.terms).await?;
        let answer = RolledBack {
            message: "The use was given back",
            voucher: VoucherView::staffs(&after, &terms, now),
            usage: given_back.clone().into(),
        };
        let tx = store::roll_back((&voucher, &usage), (&after, &given_back), &rollback, done());
        table.commit(tx.answering(once.answer(StatusCode::OK, &answer)?)).await?;
        Ok(answer)
    });
    Ok(Json(rolling.await?))
}

async fn find(prepaid: &Prepaid, id: &str) -> Reply<(Usage, Voucher)> {
    let missing = || Problem::said(StatusCode::NOT_FOUND, "Usage not found");
    let usage = store::by_id(&prepaid.table, id).await?.ok_or_else(missing)?;
    let voucher = vouchers::by_code(&prepaid.table, &usage.voucher_code).await?.ok_or_else(missing)?;
    Ok((usage, voucher))
}

input! {
    /// Why a use is given back.
    pub struct RollbackForm {
        reason: Prose<500> = Prose::default(),
    }
}

/// A use that was given back.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RolledBack {
    message: &'static str,
    /// The voucher after it.
    voucher: VoucherView,
    usage: UsageView,
}
