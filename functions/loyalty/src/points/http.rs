//! Booking points, and reading the ledger.

use access::{Caller, Policy, Routes, routes};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use platform::{Idempotency, metric};
use serde::Serialize;
use serde_json::Value;
use table::{Denied, Listing, Tx, again_from};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};
use wire::{
    Field, FieldErrors, Id, Input, Links, Messages, Problem, Prose, Query, Reply, Sent, Stamp, Success,
    SuccessPage, Text, Whole, input,
};

use super::list::{LEDGER, POINTS, WHOLE_LEDGER};
use super::rules::{self, Posting};
use super::statistics::PointStatistics;
use super::{Entry, Kind, Refusal, store};
use crate::ids::Number;
use crate::members::{Member, store as members};
use crate::scope::{Scope, Whose};
use crate::statistics::both_spellings;
use crate::{Loyalty, letters, scope};

/// The routes of points.
pub fn routes() -> Routes<Loyalty> {
    let own = || Policy::own("points of the caller's member, or everybody's for staff");
    Routes::new()
        .route(own(), routes!(list).saying(|list| POINTS.describe(list)))
        .route(scope::desk(), routes!(create))
        .route(own(), routes!(statistics))
        .route(own(), routes!(of_member).saying(|list| WHOLE_LEDGER.describe(list)))
        .route(own(), routes!(get))
}

/// List point transactions, the newest first.
#[utoipa::path(get, path = "/points", tag = "points", operation_id = "loyalty_points_list",
    responses((status = 200, body = SuccessPage<EntryView>), (status = 400, description = "A filter has a bad value."),
        (status = 404, description = "There is no such page.")))]
async fn list(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    links: Links,
    query: Query,
) -> Reply<Json<SuccessPage<EntryView>>> {
    let listing = Listing::new(&query, &links, &caller.id());
    let page = loyalty.within(&caller, |scope| {
        let whose = Whose::within(scope, query.filled("member"));
        whose.page(&loyalty.table, &listing, &POINTS, &LEDGER)
    });
    let page = page.await?;
    Ok(Json(page.map(EntryView::from).into()))
}

/// Book points on a member's balance.
///
/// Points that are earned add, those redeemed or expired take, whatever their sign; an adjustment does as it is sent.
#[utoipa::path(post, path = "/points", tag = "points", operation_id = "loyalty_points_create",
    request_body = PointsForm, responses(
        (status = 201, body = Success<EntryView>), (status = 400, description = "What is wrong, by field.")))]
async fn create(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    once: Idempotency,
    sent: Sent,
) -> Reply<(StatusCode, Json<Success<EntryView>>)> {
    let (table, now) = (&loyalty.table, loyalty.clock.now());
    let sent = sent.alias("memberId", "member").alias("type", "transaction_type");
    let id: &str = &sent.id::<20>("member");
    let load = async { Ok(members::by_id_quickly(table, id).await?) };
    let (principal, member) = caller.beside(load).await?;
    let form = PointsForm::checked(&sent, id, member.as_ref())?;
    let Some(member) = member else { return Err(Refusal::NoMember(id.to_owned()).into()) };
    let posting = form.posting(principal.username);
    let reload = async || {
        let member = members::by_id(table, id).await?;
        member.ok_or_else(|| Problem::from(Refusal::NoMember(id.to_owned())))
    };
    let booked = again_from(member, reload, async |before| {
        let booked = rules::book(&before, posting.clone(), &loyalty.settings, now).map_err(Problem::from)?;
        let tx = store::unique_reference(store::record(&before, &booked), &booked.entry);
        let tx = letters::tier_changed(&booked, &loyalty.settings).into_iter().fold(tx, Tx::tell);
        let answer = Success::said("Point transaction created successfully", EntryView::from(booked.entry));
        let tx = tx.answering(once.answer(StatusCode::CREATED, &answer)?);
        table.commit(tx).await.map_err(Denied::worded)?;
        Ok(answer)
    });
    let answer = booked.await?;
    metric::count("LoyaltyPointsBooked", now);
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Figures about points: earned, redeemed, expired, adjusted.
#[utoipa::path(get, path = "/points/statistics", tag = "points", operation_id = "loyalty_points_statistics",
    params(("member" = Option<String>, Query, description = "Of this member alone.")),
    responses((status = 200, body = Success<PointStatistics>)))]
async fn statistics(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    query: Query,
) -> Reply<Json<Success<Value>>> {
    let of = query.filled("member");
    let statistics = loyalty.within(&caller, |scope| PointStatistics::of(&loyalty.table, scope, of)).await?;
    Ok(Json(Success::of(both_spellings(&statistics))))
}

/// List the transactions of one member, the newest first. Also of one that left.
#[utoipa::path(get, path = "/points/member/{id}", tag = "points", operation_id = "loyalty_points_of",
    params(("id" = String, Path, description = "The member, such as MEM-001.")),
    responses((status = 200, body = LedgerView), (status = 400, description = "A filter has a bad value."),
        (status = 404, description = "There is no such page.")))]
async fn of_member(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    Id(id): Id,
    links: Links,
    query: Query,
) -> Reply<Json<LedgerView>> {
    let listing = Listing::new(&query, &links, &caller.id());
    let page = loyalty.within(&caller, |scope| {
        Whose::within(scope, Some(&id)).page(&loyalty.table, &listing, &POINTS, &WHOLE_LEDGER)
    });
    let page = page.await?;
    Ok(Json(LedgerView {
        success: true,
        count: page.count,
        next: page.next,
        previous: page.previous,
        data: page.results.into_iter().map(EntryView::from).collect(),
    }))
}

/// Look at a transaction.
#[utoipa::path(get, path = "/points/{id}", tag = "points", operation_id = "loyalty_points_get",
    params(("id" = String, Path, description = "The transaction.")),
    responses((status = 200, body = Success<EntryView>), (status = 404, description = "No such transaction.")))]
async fn get(State(loyalty): State<Loyalty>, caller: Caller, Id(id): Id) -> Reply<Json<Success<EntryView>>> {
    let entry = loyalty.within(&caller, |scope| find(&loyalty, &id, scope)).await?;
    Ok(Json(Success::of(entry.into())))
}

async fn find(loyalty: &Loyalty, id: &str, scope: Scope) -> Reply<Entry> {
    let found = store::entry(&loyalty.table, id).await?;
    found.filter(|entry| scope.sees(Number(entry.member))).ok_or_else(Problem::not_found)
}

/// By how much a balance is to change: not by nothing.
#[derive(Clone, Copy, Debug)]
pub struct Points(i64);

/// What the wire knows as an integer.
type Integer = Whole<-2_147_483_648, 2_147_483_647>;

impl Field for Points {
    fn read(value: &Value) -> Result<Self, Messages> {
        match Integer::read(value)?.get() {
            0 => Err("Points must not be zero.".into()),
            points => Ok(Self(points)),
        }
    }

    fn schema() -> RefOr<Schema> {
        Integer::schema()
    }
}

input! {
    /// Points to be booked.
    pub struct PointsForm {
        /// The member, such as `MEM-001`; also read as `memberId`.
        member: Text<20>,
        /// Also read as `type`.
        transaction_type: Kind,
        /// Not zero. Its sign counts for adjustments only.
        points: Points,
        description: Prose<1000> = Prose::default(),
        /// What it belongs to, such as a receipt. Points are earned for a reference once.
        reference: Option<Text<100>> = None,
    }
}

impl PointsForm {
    /// Reads the form and tells everything that is wrong with it, an unknown member among it.
    fn checked(sent: &Sent, id: &str, member: Option<&Member>) -> Reply<Self> {
        let read = <Self as Input>::read(sent.members());
        let mut errors = FieldErrors::new();
        if member.is_none() && !id.is_empty() {
            errors.add("member", crate::no_such(id));
        }
        match read {
            Ok(form) if errors.is_empty() => return Ok(form),
            Ok(_) => {}
            Err(more) => errors.extend(more),
        }
        Err(errors.into())
    }

    fn posting(self, by: String) -> Posting {
        Posting {
            kind: self.transaction_type,
            points: rules::signed(self.transaction_type, self.points.0),
            refund: false,
            description: self.description.into(),
            reference: self.reference.map(Into::into),
            by,
        }
    }
}

/// A point transaction.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EntryView {
    id: String,
    member: String,
    member_id: String,
    member_name: String,
    member_email: String,
    #[schema(value_type = String, example = "earn")]
    transaction_type: Kind,
    /// The same as `transaction_type`.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "earn")]
    kind: Kind,
    points: i64,
    description: String,
    transaction_date: Stamp,
    created_by: String,
    created_at: Stamp,
    reference: Option<String>,
}

impl From<Entry> for EntryView {
    fn from(entry: Entry) -> Self {
        let member = Number(entry.member).to_string();
        Self {
            id: entry.id,
            member: member.clone(),
            member_id: member,
            member_name: entry.member_name,
            member_email: entry.member_email,
            transaction_type: entry.kind,
            kind: entry.kind,
            points: entry.points,
            description: entry.description,
            transaction_date: entry.at,
            created_by: entry.created_by,
            created_at: entry.at,
            reference: entry.reference,
        }
    }
}

/// The ledger of one member.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerView {
    success: bool,
    data: Vec<EntryView>,
    /// How many transactions there are in all.
    count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<String>,
}
