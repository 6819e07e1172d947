//! The steps that a redemption goes: completed, used, cancelled.

use access::{Caller, Policy, Routes, routes};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use platform::Idempotency;
use table::{Denied, Table, Tx, again_on};
use wire::{Id, Problem, Reply, Sent, Success, input};

use super::view::RedemptionView;
use super::{Redemption, Refusal, Status, rules, store};
use crate::Loyalty;
use crate::ids::Number;
use crate::members::Member;
use crate::scope::Scope;

/// The routes of a redemption's steps.
pub fn routes(own: impl Fn() -> Policy) -> Routes<Loyalty> {
    Routes::new()
        .route(own(), routes!(replace, edit))
        .route(own(), routes!(update_status))
        .route(own(), routes!(mark_used))
        .route(own(), routes!(cancel))
}

/// Set the status of a redemption.
#[utoipa::path(put, path = "/redeem/{id}", tag = "redeem", operation_id = "loyalty_redeem_replace",
    params(("id" = String, Path, description = "The redemption.")), request_body = StatusForm,
    responses((status = 200, body = Success<RedemptionView>), (status = 400, description = "No way leads there."),
        (status = 403, description = "Staff only."), (status = 404, description = "No such redemption.")))]
async fn replace(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    once: Idempotency,
    Id(id): Id,
    sent: Sent,
) -> Reply<Json<Success<RedemptionView>>> {
    set(&loyalty, &caller, &once, &id, &sent).await
}

/// Set the status of a redemption; the same as `PUT`.
#[utoipa::path(patch, path = "/redeem/{id}", tag = "redeem", operation_id = "loyalty_redeem_edit",
    params(("id" = String, Path, description = "The redemption.")), request_body = StatusForm,
    responses((status = 200, body = Success<RedemptionView>), (status = 400, description = "No way leads there."),
        (status = 403, description = "Staff only."), (status = 404, description = "No such redemption.")))]
async fn edit(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    once: Idempotency,
    Id(id): Id,
    sent: Sent,
) -> Reply<Json<Success<RedemptionView>>> {
    set(&loyalty, &caller, &once, &id, &sent).await
}

/// Set the status of a redemption; the same as `PUT`, for older clients.
#[utoipa::path(post, path = "/redeem/{id}/update-status", tag = "redeem", operation_id = "loyalty_redeem_update_status",
    params(("id" = String, Path, description = "The redemption.")), request_body = StatusForm,
    responses((status = 200, body = Success<RedemptionView>), (status = 400, description = "No way leads there."),
        (status = 403, description = "Staff only."), (status = 404, description = "No such redemption.")))]
async fn update_status(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    once: Idempotency,
    Id(id): Id,
    sent: Sent,
) -> Reply<Json<Success<RedemptionView>>> {
    set(&loyalty, &caller, &once, &id, &sent).await
}

/// Mark a redemption as used, once.
#[utoipa::path(post, path = "/redeem/{id}/mark-used", tag = "redeem", operation_id = "loyalty_redeem_mark_used",
    params(("id" = String, Path, description = "The redemption.")),
    responses((status = 200, body = Success<RedemptionView>), (status = 400, description = "It was used or cancelled."),
        (status = 403, description = "Staff only."), (status = 404, description = "No such redemption.")))]
async fn mark_used(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    once: Idempotency,
    Id(id): Id,
) -> Reply<Json<Success<RedemptionView>>> {
    let step = Step { to: || Ok(Status::Used), done: "Redemption marked as used", members: false };
    let done = step.go(&loyalty, &caller, &once, &id).await;
    done.map_err(|problem| refused(problem, "Cannot mark this redemption as used"))
}

/// Take a redemption back: its points return to the member, once. Members may while it is pending.
#[utoipa::path(post, path = "/redeem/{id}/cancel", tag = "redeem", operation_id = "loyalty_redeem_cancel",
    params(("id" = String, Path, description = "The redemption.")),
    responses((status = 200, body = Success<RedemptionView>), (status = 400, description = "It was used or cancelled."),
        (status = 403, description = "It is not pending any more."), (status = 404, description = "No such redemption.")))]
async fn cancel(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    once: Idempotency,
    Id(id): Id,
) -> Reply<Json<Success<RedemptionView>>> {
    let step =
        Step { to: || Ok(Status::Cancelled), done: "Redemption cancelled successfully", members: true };
    let done = step.go(&loyalty, &caller, &once, &id).await;
    done.map_err(|problem| refused(problem, "Cannot cancel this redemption"))
}

async fn set(
    loyalty: &Loyalty,
    caller: &Caller,
    once: &Idempotency,
    id: &str,
    sent: &Sent,
) -> Reply<Json<Success<RedemptionView>>> {
    let to = || Ok(sent.read::<StatusForm>()?.status);
    Step { to, done: "Redeem status updated successfully", members: false }
        .go(loyalty, caller, once, id)
        .await
}

/// What older clients show where a step is refused.
fn refused(problem: Problem, title: &'static str) -> Problem {
    if problem.status() == StatusCode::BAD_REQUEST { problem.titled(title) } else { problem }
}

input! {
    /// Where a redemption is to go.
    pub struct StatusForm {
        status: Status,
    }
}

/// A step that somebody wants a redemption to go.
struct Step<T> {
    /// Where to; read only once the redemption was found and the caller may.
    to: T,
    /// What is said when it is there.
    done: &'static str,
    /// Whether members may go it with what is their own and pending.
    members: bool,
}

impl<T: Fn() -> Reply<Status>> Step<T> {
    async fn go(
        self,
        loyalty: &Loyalty,
        caller: &Caller,
        once: &Idempotency,
        id: &str,
    ) -> Reply<Json<Success<RedemptionView>>> {
        let (table, now) = (&loyalty.table, loyalty.clock.now());
        let (principal, scope, found) = loyalty.within_as(caller, |scope| find(table, id, scope)).await?;
        self.admits(scope, &found.0)?;
        let to = (self.to)()?;
        let reload = || find(table, id, scope);
        let moved = again_on(found, reload, async |(before, member)| {
            self.admits(scope, &before).map_err(Problem::from)?;
            let (by, settings) = (&principal.username, &loyalty.settings);
            let moved = rules::advance(&before, &member, to, by, settings, now);
            let Some(moved) = moved.map_err(Problem::from)? else {
                return Ok(Success::said(self.done, RedemptionView::from(before)));
            };
            let answer = Success::said(self.done, RedemptionView::from(moved.redemption.clone()));
            let answered = once.answer(StatusCode::OK, &answer)?;
            let kept = |tx: Tx<Refusal>| tx.answering(answered.clone());
            let written = store::advance(table, &before, &member, &moved, settings, kept).await;
            written.map_err(Denied::worded)?;
            Ok(answer)
        });
        Ok(Json(moved.await?))
    }

    /// Members may only cancel, and only what waits.
    fn admits(&self, scope: Scope, redemption: &Redemption) -> Result<(), Refusal> {
        let may = scope == Scope::Desk || self.members && redemption.status == Status::Pending;
        if may { Ok(()) } else { Err(Refusal::NotOnesOwn) }
    }
}

async fn find(table: &Table, id: &str, scope: Scope) -> Reply<(Redemption, Member)> {
    let found = store::with_member(table, id).await?;
    found.filter(|(found, _)| scope.sees(Number(found.member))).ok_or_else(Problem::not_found)
}
