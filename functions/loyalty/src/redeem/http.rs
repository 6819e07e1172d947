//! Redeeming points, and what becomes of a redemption.

use access::{Caller, Policy, Routes, routes};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use platform::{Idempotency, metric};
use serde_json::Value;
use table::{Denied, Listing, Tx, again_from};
use wire::{FieldErrors, Id, Input, Links, Problem, Query, Reply, Sent, Success, SuccessPage, Text, input};

use super::list::{OF_ONE, REDEMPTIONS};
use super::statistics::RedeemStatistics;
use super::view::RedemptionView;
use super::{Status, code, rules, store};
use crate::ids::Number;
use crate::members::{Member, store as members};
use crate::scope::{Scope, Whose};
use crate::statistics::both_spellings;
use crate::vouchers::{Voucher, store as vouchers};
use crate::{Loyalty, letters, scope};

/// The routes of redemptions.
pub fn routes() -> Routes<Loyalty> {
    let own = || Policy::own("redemptions of the caller's member, or everybody's for staff");
    Routes::new()
        .route(own(), routes!(list).saying(|list| REDEMPTIONS.describe(list)))
        .route(own(), routes!(create))
        .route(own(), routes!(statistics))
        .route(scope::desk(), routes!(by_code))
        .route(own(), routes!(get))
        .merge(super::steps::routes(own))
}

/// List redemptions, the newest first.
#[utoipa::path(get, path = "/redeem", tag = "redeem", operation_id = "loyalty_redeem_list",
    responses((status = 200, body = SuccessPage<RedemptionView>),
        (status = 400, description = "A filter has a bad value."), (status = 404, description = "There is no such page.")))]
async fn list(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    links: Links,
    query: Query,
) -> Reply<Json<SuccessPage<RedemptionView>>> {
    let listing = Listing::new(&query, &links, &caller.id());
    let page = loyalty.within(&caller, |scope| {
        let whose = Whose::within(scope, query.filled("member"));
        whose.page(&loyalty.table, &listing, &REDEMPTIONS, &OF_ONE)
    });
    let page = page.await?;
    Ok(Json(page.map(RedemptionView::from).into()))
}

/// Redeem a member's points for a voucher.
///
/// Members redeem for themselves, and what they redeem begins as pending.
#[utoipa::path(post, path = "/redeem", tag = "redeem", operation_id = "loyalty_redeem_create",
    request_body = RedeemForm, responses(
        (status = 201, body = Success<RedemptionView>), (status = 400, description = "What is wrong, by field.")))]
async fn create(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    once: Idempotency,
    sent: Sent,
) -> Reply<(StatusCode, Json<Success<RedemptionView>>)> {
    let (table, now) = (&loyalty.table, loyalty.clock.now());
    let sent = sent.alias("memberId", "member").alias("voucherId", "voucher");
    let (member_id, voucher_id) = (&sent.id::<20>("member"), &sent.id::<40>("voucher"));
    let load = async |scope: Scope| {
        let seen = Number::parse(member_id).is_some_and(|number| scope.sees(number));
        let member = members::by_id_quickly(table, if seen { member_id } else { "" });
        Ok(tokio::try_join!(member, vouchers::by_id_quickly(table, voucher_id))?)
    };
    let (principal, scope, (member, voucher)) = loyalty.within_as(&caller, load).await?;
    let status = RedeemForm::checked(
        &sent,
        [("member", member_id, member.is_some()), ("voucher", voucher_id, voucher.is_some())],
    )?
    .status(scope)?;
    let unknown = |name, id: &str| Problem::field(name, crate::no_such(id));
    let both = |member: Option<Member>, voucher: Option<Voucher>| -> Reply<_> {
        let member = member.ok_or_else(|| unknown("member", member_id))?;
        Ok((member, voucher.ok_or_else(|| unknown("voucher", voucher_id))?))
    };
    let reload = async || {
        let (member, voucher) =
            tokio::try_join!(members::by_id(table, member_id), vouchers::living(table, voucher_id, true))?;
        both(member, voucher)
    };
    let secret = code::secret();
    let redeemed = again_from(both(member, voucher)?, reload, async |(member, voucher)| {
        let (secret, by, settings) = (secret.clone(), &principal.username, &loyalty.settings);
        let outcome =
            rules::redeem(&member, &voucher, status, secret, by, settings, now).map_err(Problem::from)?;
        let tx = store::redeem(&member, &voucher, &outcome);
        let tx = tx.tell(letters::redeemed(&outcome.booked.member, &outcome.redemption));
        let tx = letters::tier_changed(&outcome.booked, settings).into_iter().fold(tx, Tx::tell);
        let answer = Success::said("Redemption successful", RedemptionView::from(outcome.redemption));
        let tx = tx.answering(once.answer(StatusCode::CREATED, &answer)?);
        table.commit(tx).await.map_err(Denied::worded)?;
        Ok(answer)
    });
    let answer = redeemed.await?;
    metric::count("LoyaltyRedemptions", now);
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Figures about redemptions: how many in which state, and what was paid.
#[utoipa::path(get, path = "/redeem/statistics", tag = "redeem", operation_id = "loyalty_redeem_statistics",
    params(("member" = Option<String>, Query, description = "Of this member alone.")),
    responses((status = 200, body = Success<RedeemStatistics>)))]
async fn statistics(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    query: Query,
) -> Reply<Json<Success<Value>>> {
    let of = query.filled("member");
    let statistics = loyalty.within(&caller, |scope| RedeemStatistics::of(&loyalty.table, scope, of)).await?;
    Ok(Json(Success::of(both_spellings(&statistics))))
}

/// Look at the redemption of a code, as its owner shows it at the till.
#[utoipa::path(get, path = "/redeem/by-code/{code}", tag = "redeem", operation_id = "loyalty_redeem_by_code",
    params(("code" = String, Path, description = "The code, in either case, with or without its dashes.")),
    responses((status = 200, body = Success<RedemptionView>), (status = 404, description = "No redemption has it.")))]
async fn by_code(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    Id(code): Id,
) -> Reply<Json<Success<RedemptionView>>> {
    let load = async { Ok(store::by_code(&loyalty.table, &code).await?) };
    let (_, found) = caller.beside(load).await?;
    Ok(Json(Success::of(found.ok_or_else(Problem::not_found)?.into())))
}

/// Look at a redemption.
#[utoipa::path(get, path = "/redeem/{id}", tag = "redeem", operation_id = "loyalty_redeem_get",
    params(("id" = String, Path, description = "The redemption.")),
    responses((status = 200, body = Success<RedemptionView>), (status = 404, description = "No such redemption.")))]
async fn get(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    Id(id): Id,
) -> Reply<Json<Success<RedemptionView>>> {
    let load = async |scope: Scope| {
        let found = store::redemption(&loyalty.table, &id).await?;
        found.filter(|found| scope.sees(Number(found.member))).ok_or_else(Problem::not_found)
    };
    Ok(Json(Success::of(loyalty.within(&caller, load).await?.into())))
}

input! {
    /// What is to be redeemed. The price is the voucher's.
    pub struct RedeemForm {
        /// The member, such as `MEM-001`; also read as `memberId`.
        member: Text<20>,
        /// The voucher; also read as `voucherId`.
        voucher: Text<40>,
        /// `Pending` or `Completed`.
        status: Status = Status::Pending,
    }
}

impl RedeemForm {
    /// Reads the form and tells everything that is wrong with it, what it names in vain among it.
    fn checked(sent: &Sent, named: [(&str, &str, bool); 2]) -> Reply<Self> {
        let read = Self::read(sent.members());
        let mut errors = FieldErrors::new();
        for (name, id, found) in named {
            if !found && !id.is_empty() {
                errors.add(name, crate::no_such(id));
            }
        }
        match read {
            Ok(form) if errors.is_empty() => return Ok(form),
            Ok(_) => {}
            Err(more) => errors.extend(more),
        }
        Err(errors.into())
    }

    /// How the redemption begins.
    fn status(&self, scope: Scope) -> Reply<Status> {
        match (scope, self.status) {
            (Scope::Own(_), _) => Ok(Status::Pending),
            (Scope::Desk, Status::Pending | Status::Completed) => Ok(self.status),
            (Scope::Desk, _) => {
                Err(Problem::field("status", "A new redemption must be Pending or Completed."))
            }
        }
    }
}
