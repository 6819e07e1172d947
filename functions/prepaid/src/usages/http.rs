//! Using vouchers.

use access::{Address, Caller, guarded};
use axum::extract::State;
use axum::{Extension, Json};
use http::StatusCode;
use platform::{Idempotency, metric, routes};
use serde::Serialize;
use table::{Denied, Listing, again_from};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use wire::{Device, Links, Object, Page, Problem, Query, Reply, Sent, Stamp, Text, input};

use super::guesses::Guesses;
use super::list::OF_ONE;
use super::{By, Usage, UsageView, store};
use crate::letters::{Told, tell};
use crate::vouchers::{Refusal, Voucher, VoucherView, rules, store as vouchers};
use crate::{NOTES, Prepaid, scope};

/// The routes of using vouchers.
pub fn routes() -> OpenApiRouter<Prepaid> {
    OpenApiRouter::new()
        .routes(guarded(scope::own("whoever has the code"), routes!(redeem)))
        .routes(guarded(scope::own("whoever has the code"), routes!(validate)))
        .routes(guarded(scope::own("the caller's uses"), OF_ONE.described(routes!(history))))
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
    let shop = &prepaid.shop;
    let (table, now) = (&shop.table, shop.clock.now());
    let sent = sent.alias("details", "service_data");
    let sought = Sought::new(&prepaid, &caller, &address, &sent, now);
    let (_, found) = caller.beside(sought.look()).await?;
    let form: RedeemForm = sent.read()?;
    let voucher = sought.judge(found).await?;
    let by = By { user: caller.id(), address: address.0, agent: device.0 };
    let service = form.service_type.as_str();
    let refused = |refusal: Refusal| Denied::Refused(Problem::from(refusal));
    let reload = async || {
        let found = vouchers::by_code(table, &voucher.code).await?;
        found.ok_or_else(|| refused(Refusal::Unknown))
    };
    let redeeming = again_from(voucher.clone(), reload, async |before: Voucher| {
        let after = rules::spend(&before, service, now).map_err(refused)?;
        let terms = shop.terms.one(table, after.terms).await?;
        let usage = Usage::new(&after, &terms, service, form.service_data.clone().into(), &by, now);
        let answer = Redeemed::new(VoucherView::seen_by(by.user, &after, &terms, now), usage.clone());
        let tx = store::spend(&before, &after, &usage).tell(tell(&Told::Redeemed { usage: usage.id }, now));
        let tx = tx.answering(once.answer(StatusCode::OK, &answer)?);
        table.commit(tx).await.map_err(|denied| denied.map(Problem::from as fn(Refusal) -> Problem))?;
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
    sent: Sent,
) -> Reply<Json<Validity>> {
    let now = prepaid.shop.clock.now();
    let sought = Sought::new(&prepaid, &caller, &address, &sent, now);
    let (_, found) = caller.beside(sought.look()).await?;
    let form: ValidateForm = sent.read()?;
    let reason = |refusal: Refusal| Some(Problem::from(refusal).line().split_once(": ")?.1.to_owned());
    let voucher = match sought.judge(found).await {
        Ok(voucher) => voucher,
        Err(problem) if problem.status() == StatusCode::BAD_REQUEST => {
            let reason = reason(Refusal::Unknown);
            return Ok(Json(Validity { valid: false, reason, uses_remaining: 0, expires_at: None }));
        }
        Err(problem) => return Err(problem),
    };
    let refusal = rules::admits(&voucher, form.service_type.as_str(), now).err();
    Ok(Json(Validity {
        valid: refusal.is_none(),
        reason: refusal.and_then(reason),
        uses_remaining: rules::uses_remaining(&voucher, now),
        expires_at: Some(voucher.expires_at),
    }))
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
    let owner = caller.id().to_string();
    let listing = Listing::new(&query, &links, &owner).of(&owner);
    let (_, page) = caller.beside(OF_ONE.page(&prepaid.shop.table, &listing)).await?;
    Ok(Json(page.map(UsageView::from)))
}

/// A voucher that somebody names by its code, and how often they guessed.
pub struct Sought<'r> {
    code: String,
    guesses: Guesses<'r>,
    table: &'r table::Table,
}

/// What was found under a code, and whether the caller may know.
pub struct Found {
    voucher: Option<Voucher>,
    slowed: Option<Problem>,
}

impl<'r> Sought<'r> {
    /// The voucher whose code a body names, for a caller at an address.
    pub fn new(prepaid: &'r Prepaid, caller: &Caller, address: &Address, sent: &Sent, now: Stamp) -> Self {
        let table = &prepaid.shop.table;
        let guesses = Guesses::of(table, caller.id(), &address.0, now);
        Self { code: crate::sent_id::<20>(sent, "code"), guesses, table }
    }

    /// Looks the voucher up beside the counters.
    pub async fn look(&self) -> Reply<Found> {
        let found = vouchers::by_code(self.table, &self.code);
        let (voucher, slowed) = tokio::try_join!(found, self.guesses.admit())?;
        Ok(Found { voucher, slowed })
    }

    /// The voucher, or why nothing is said of it. A code that nobody has is a guess.
    pub async fn judge(&self, found: Found) -> Reply<Voucher> {
        if let Some(slowed) = found.slowed {
            return Err(slowed);
        }
        let Some(voucher) = found.voucher else {
            self.guesses.note().await?;
            return Err(Refusal::Unknown.into());
        };
        Ok(voucher)
    }
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
