//! The catalogue of vouchers.

use access::{Caller, Policy, Routes, routes};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use platform::Idempotency;
use serde::Serialize;
use serde_json::{Value, json};
use table::{Denied, Listing, again_on};
use utoipa::ToSchema;
use uuid::Uuid;
use wire::{
    Amount, Day, Done, Id, Links, Money, Patch, Problem, Prose, Query, Reply, Sent, Stamp, Success,
    SuccessPage, Text, Whole, input,
};

use super::list::VOUCHERS;
use super::rules::{self, Wish};
use super::statistics::VoucherStatistics;
use super::{Kind, Status, Voucher, store};
use crate::statistics::both_spellings;
use crate::tiers::Tier;
use crate::{Loyalty, scope};

/// The routes of vouchers.
pub fn routes() -> Routes<Loyalty> {
    let everybody = || Policy::signed_in().live();
    Routes::new()
        .route(everybody(), routes!(list).saying(|list| VOUCHERS.describe(list)))
        .route(scope::desk(), routes!(create))
        .route(everybody(), routes!(statistics))
        .route(everybody(), routes!(get))
        .route(scope::desk(), routes!(replace, edit))
        .route(scope::administrators(), routes!(delete))
}

/// List vouchers, the newest first.
#[utoipa::path(get, path = "/vouchers", tag = "vouchers", operation_id = "loyalty_vouchers_list",
    responses((status = 200, body = SuccessPage<VoucherView>), (status = 400, description = "A filter has a bad value."),
        (status = 404, description = "There is no such page.")))]
async fn list(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    links: Links,
    query: Query,
) -> Reply<Json<SuccessPage<VoucherView>>> {
    let now = loyalty.clock.now();
    let listing = Listing::new(&query, &links, &caller.id()).at(now);
    let (_, page) = caller.beside(VOUCHERS.page(&loyalty.table, &listing)).await?;
    Ok(Json(page.map(|voucher| VoucherView::new(voucher, now.day())).into()))
}

/// Put a voucher into the catalogue.
#[utoipa::path(post, path = "/vouchers", tag = "vouchers", operation_id = "loyalty_vouchers_create",
    request_body = VoucherForm, responses(
        (status = 201, body = Success<VoucherView>), (status = 400, description = "What is wrong, by field.")))]
async fn create(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    once: Idempotency,
    sent: Sent,
) -> Reply<(StatusCode, Json<Success<VoucherView>>)> {
    let now = loyalty.clock.now();
    caller.alone().await?;
    let wish = translated(sent).read::<VoucherForm>()?.into();
    let voucher = rules::create(Uuid::now_v7().to_string(), wish, now)?;
    let tx = store::create(&voucher);
    let answer = Success::said("Voucher created successfully", VoucherView::new(voucher, now.day()));
    loyalty.table.commit(tx.answering(once.answer(StatusCode::CREATED, &answer)?)).await?;
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Figures about vouchers: how many, of which kind, and what is left of them.
#[utoipa::path(get, path = "/vouchers/statistics", tag = "vouchers", operation_id = "loyalty_vouchers_statistics",
    responses((status = 200, body = Success<VoucherStatistics>)))]
async fn statistics(State(loyalty): State<Loyalty>, caller: Caller) -> Reply<Json<Success<Value>>> {
    let all = async { Ok(store::all(&loyalty.table).await?) };
    let (_, vouchers) = caller.beside(all).await?;
    let statistics = VoucherStatistics::of(&vouchers, loyalty.clock.now().day());
    Ok(Json(Success::of(both_spellings(&statistics))))
}

/// Look at a voucher.
#[utoipa::path(get, path = "/vouchers/{id}", tag = "vouchers", operation_id = "loyalty_vouchers_get",
    params(("id" = String, Path, description = "The voucher.")),
    responses((status = 200, body = Success<VoucherView>), (status = 404, description = "No such voucher.")))]
async fn get(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    Id(id): Id,
) -> Reply<Json<Success<VoucherView>>> {
    let (_, voucher) = caller.beside(find(&loyalty, &id)).await?;
    Ok(Json(Success::of(VoucherView::new(voucher, loyalty.clock.now().day()))))
}

/// Replace what is known of a voucher; optional fields that are not sent stay as they are.
#[utoipa::path(put, path = "/vouchers/{id}", tag = "vouchers", operation_id = "loyalty_vouchers_replace",
    params(("id" = String, Path, description = "The voucher.")), request_body = VoucherForm,
    responses((status = 200, body = Success<VoucherView>), (status = 400, description = "What is wrong, by field."),
        (status = 404, description = "No such voucher.")))]
async fn replace(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    Id(id): Id,
    sent: Sent,
) -> Reply<Json<Success<VoucherView>>> {
    changed(&loyalty, &caller, &id, sent, Sent::put).await
}

/// Change a voucher; what is not sent stays as it is.
#[utoipa::path(patch, path = "/vouchers/{id}", tag = "vouchers", operation_id = "loyalty_vouchers_edit",
    params(("id" = String, Path, description = "The voucher.")), request_body = VoucherPatch,
    responses((status = 200, body = Success<VoucherView>), (status = 400, description = "What is wrong, by field."),
        (status = 404, description = "No such voucher.")))]
async fn edit(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    Id(id): Id,
    sent: Sent,
) -> Reply<Json<Success<VoucherView>>> {
    changed(&loyalty, &caller, &id, sent, Sent::patch).await
}

/// Take a voucher out of the catalogue.
///
/// Its code is free, and what was redeemed of it may still be used.
#[utoipa::path(delete, path = "/vouchers/{id}", tag = "vouchers", operation_id = "loyalty_vouchers_delete",
    params(("id" = String, Path, description = "The voucher.")),
    responses((status = 200, body = Done), (status = 404, description = "No such voucher.")))]
async fn delete(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    once: Idempotency,
    Id(id): Id,
) -> Reply<Json<Done>> {
    let (table, now) = (&loyalty.table, loyalty.clock.now());
    let done = Done::said("Voucher deleted successfully");
    let (_, voucher) = caller.beside(find(&loyalty, &id)).await?;
    let reload = || find(&loyalty, &id);
    let removing = again_on(voucher, reload, async |before| {
        let tx = store::remove(&before, &rules::remove(&before, now));
        table.commit(tx.answering(once.answer(StatusCode::OK, &done)?)).await.map_err(Denied::worded)
    });
    removing.await?;
    Ok(Json(done))
}

async fn find(loyalty: &Loyalty, id: &str) -> Reply<Voucher> {
    store::living(&loyalty.table, id, true).await?.ok_or_else(Problem::not_found)
}

/// Writes what comes of a voucher that is edited; `read` lays what was sent over what is stored.
async fn changed(
    loyalty: &Loyalty,
    caller: &Caller,
    id: &str,
    sent: Sent,
    read: fn(&Sent, Value) -> Reply<VoucherForm>,
) -> Reply<Json<Success<VoucherView>>> {
    let (table, now) = (&loyalty.table, loyalty.clock.now());
    let (_, voucher) = caller.beside(find(loyalty, id)).await?;
    let sent = translated(sent);
    let reload = || find(loyalty, id);
    let edited = again_on(voucher, reload, async |before| {
        let mut wish = Wish::from(read(&sent, stored(&before))?);
        if !sent.has("status") {
            wish.status = rules::shown(&before, now.day());
        }
        let after = rules::edit(&before, wish, now).map_err(Problem::from)?;
        table.commit(store::edit(&before, &after)).await.map_err(Denied::worded)?;
        Ok(after)
    });
    let view = VoucherView::new(edited.await?, now.day());
    Ok(Json(Success::said("Voucher updated successfully", view)))
}

/// Reads the kinds that older clients send as ours.
fn translated(sent: Sent) -> Sent {
    let ours = match sent.get("type").and_then(Value::as_str) {
        Some("percentage") => Kind::Discount,
        Some("fixed") => Kind::Cashback,
        _ => return sent,
    };
    let mut members = sent.members().clone();
    members.insert("type".to_owned(), json!(ours));
    Sent::of(members)
}

/// A whole number of points or pieces.
type Count = Whole<0, 2_147_483_647>;

/// A limit, where there is one.
type Limit = Option<Whole<1, 2_147_483_647>>;

/// The same, nothing of which need be sent.
type VoucherPatch = Patch<VoucherForm>;

input! {
    /// A voucher.
    pub struct VoucherForm {
        /// No other living voucher's, to the letter.
        code: Text<50>,
        name: Text<255>,
        points_cost: Count,
        /// The first day on which it can be redeemed.
        start_date: Day,
        /// The last one.
        end_date: Day,
        description: Prose<2000> = Prose::default(),
        /// `percentage` is read as `discount`, and `fixed` as `cashback`.
        kind as "type": Kind = Kind::Discount,
        /// Percent of a discount, amount of a cashback.
        discount_value: Option<Amount<10, 0>> = None,
        stock: Count = Count::of(0),
        status: Status = Status::Active,
        /// How many one member may have.
        limit_per_member: Limit = None,
        /// How many go in one day.
        limit_per_day: Limit = None,
        /// The least tier that may have it.
        minimum_tier: Option<Tier> = None,
    }
}

impl From<VoucherForm> for Wish {
    fn from(form: VoucherForm) -> Self {
        Self {
            code: form.code.into(),
            name: form.name.into(),
            description: form.description.into(),
            kind: form.kind,
            discount_value: form.discount_value.map(Into::into),
            points_cost: form.points_cost.get(),
            stock: form.stock.get(),
            start_date: form.start_date,
            end_date: form.end_date,
            status: form.status,
            limit_per_member: form.limit_per_member.map(Into::into),
            limit_per_day: form.limit_per_day.map(Into::into),
            minimum_tier: form.minimum_tier,
        }
    }
}

/// A voucher as a form would have sent it.
fn stored(voucher: &Voucher) -> Value {
    json!({
        "code": voucher.code,
        "name": voucher.name,
        "points_cost": voucher.points_cost,
        "start_date": voucher.start_date,
        "end_date": voucher.end_date,
        "description": voucher.description,
        "type": voucher.kind,
        "discount_value": voucher.discount_value,
        "stock": voucher.stock,
        "status": voucher.intent,
        "limit_per_member": voucher.limit_per_member,
        "limit_per_day": voucher.limit_per_day,
        "minimum_tier": voucher.minimum_tier,
    })
}

/// A voucher.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VoucherView {
    id: String,
    code: String,
    name: String,
    description: String,
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "discount")]
    kind: Kind,
    discount_value: Option<Money>,
    points_cost: i64,
    stock: i64,
    start_date: Day,
    end_date: Day,
    /// What it shows today.
    #[schema(value_type = String, example = "Active")]
    status: Status,
    /// Whether somebody with enough points can redeem it today.
    is_available: bool,
    days_until_expiry: i64,
    limit_per_member: Option<i64>,
    limit_per_day: Option<i64>,
    #[schema(value_type = Option<String>, example = "Gold")]
    minimum_tier: Option<Tier>,
    created_at: Stamp,
    updated_at: Stamp,
}

impl VoucherView {
    fn new(voucher: Voucher, today: Day) -> Self {
        Self {
            status: rules::shown(&voucher, today),
            is_available: rules::is_available(&voucher, today),
            days_until_expiry: today.days_until(voucher.end_date).max(0),
            id: voucher.id,
            code: voucher.code,
            name: voucher.name,
            description: voucher.description,
            kind: voucher.kind,
            discount_value: voucher.discount_value,
            points_cost: voucher.points_cost,
            stock: voucher.stock,
            start_date: voucher.start_date,
            end_date: voucher.end_date,
            limit_per_member: voucher.limit_per_member,
            limit_per_day: voucher.limit_per_day,
            minimum_tier: voucher.minimum_tier,
            created_at: voucher.created_at,
            updated_at: voucher.updated_at,
        }
    }
}
