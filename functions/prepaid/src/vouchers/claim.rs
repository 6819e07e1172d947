//! Claiming a gift: whoever was sent the code makes the voucher their own.

use access::{Address, Caller, Policy, Routes, routes};
use axum::extract::State;
use axum::{Extension, Json};
use http::StatusCode;
use platform::Idempotency;
use table::{Tx, again_on};
use wire::{Problem, Reply, Sent, Text, input};

use super::{VoucherView, rules, store};
use crate::Prepaid;
use crate::usages::sought::{Sought, again, sought};

/// The route of claiming.
pub fn routes() -> Routes<Prepaid> {
    Routes::new().route(Policy::own("whoever has the code"), routes!(claim))
}

/// Claim a voucher that was bought as a gift. From then on it is among the caller's own.
#[utoipa::path(post, path = "/vouchers/claim", tag = "vouchers", operation_id = "prepaid_vouchers_claim",
    request_body = ClaimForm, responses((status = 200, body = VoucherView),
        (status = 400, description = "There is no such gift, or somebody has it already.")))]
async fn claim(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    Extension(address): Extension<Address>,
    once: Idempotency,
    sent: Sent,
) -> Reply<Json<VoucherView>> {
    let now = prepaid.clock.now();
    let Sought { principal, voucher, .. } = sought::<ClaimForm>(&prepaid, &caller, &address, &sent).await?;
    let voucher = voucher?;
    let code = voucher.code.clone();
    let reload = || again(&prepaid, &code);
    let claiming = again_on(voucher, reload, async |before| {
        let after = rules::claim(&before, caller.id(), &principal.email).map_err(Problem::from)?;
        let terms = prepaid.terms.one(&prepaid.table, after.terms).await?;
        let answer = VoucherView::owners(&after, &terms, now);
        let tx = store::change(Tx::new(), &before, &after);
        prepaid.table.commit::<Problem>(tx.answering(once.answer(StatusCode::OK, &answer)?)).await?;
        Ok(answer)
    });
    Ok(Json(claiming.await?))
}

input! {
    /// The code of a gift.
    pub struct ClaimForm {
        /// In either case, with or without blanks and hyphens.
        code: Text<20>,
    }
}
