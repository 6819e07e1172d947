//! Discounts, for staff.

use access::{Caller, Routes, routes};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use platform::Idempotency;
use serde_json::{Value, json};
use table::{Listing, again_on};
use utoipa::openapi::schema::ObjectBuilder;
use wire::{
    Amount, Checked, FieldErrors, Id, Links, Page, Patch, Problem, Prose, Query, Reply, Rule, Sent, Stamp,
    Text, Whole, input,
};

use super::list::ALL;
use super::rules::{self, Wish};
use super::{Discount, DiscountView, Unit, store};
use crate::types::{self, VoucherType};
use crate::{Prepaid, scope};

/// The routes of discounts.
pub fn routes() -> Routes<Prepaid> {
    Routes::new()
        .route(scope::staff(), routes!(list).saying(|list| ALL.describe(list)))
        .route(scope::staff(), routes!(create))
        .route(scope::staff(), routes!(get, replace, edit, delete))
}

/// List discounts, the newest first.
#[utoipa::path(get, path = "/admin/discounts", tag = "discounts", operation_id = "prepaid_discounts_list",
    responses((status = 200, body = Page<DiscountView>), (status = 400, description = "A filter has a bad value."),
        (status = 404, description = "There is no such page.")))]
async fn list(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    links: Links,
    query: Query,
) -> Reply<Json<Page<DiscountView>>> {
    let (table, now) = (&prepaid.table, prepaid.clock.now());
    let listing = Listing::new(&query, &links, &caller.id());
    let load = async { tokio::try_join!(ALL.page(table, &listing), types(&prepaid)) };
    let (_, (page, types)) = caller.beside(load).await?;
    Ok(Json(page.map(|discount| DiscountView::new(discount, &types, now))))
}

/// Make a discount.
#[utoipa::path(post, path = "/admin/discounts", tag = "discounts", operation_id = "prepaid_discounts_create",
    request_body = DiscountForm, responses(
        (status = 201, body = DiscountView), (status = 400, description = "What is wrong, by field.")))]
async fn create(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    once: Idempotency,
    sent: Sent,
) -> Reply<(StatusCode, Json<DiscountView>)> {
    let now = prepaid.clock.now();
    let (_, types) = caller.beside(types(&prepaid)).await?;
    let (code, wish) = judged(sent.read()?, &types)?;
    let discount = rules::create(code, wish, now);
    let taken = Problem::field("code", "voucher discount with this code already exists.");
    let tx = store::create(&discount, taken);
    let answer = DiscountView::new(discount, &types, now);
    prepaid.table.commit(tx.answering(once.answer(StatusCode::CREATED, &answer)?)).await?;
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Look at a discount.
#[utoipa::path(get, path = "/admin/discounts/{id}", tag = "discounts", operation_id = "prepaid_discounts_get",
    params(("id" = String, Path, description = "The discount.")),
    responses((status = 200, body = DiscountView), (status = 404, description = "No such discount.")))]
async fn get(State(prepaid): State<Prepaid>, caller: Caller, Id(id): Id) -> Reply<Json<DiscountView>> {
    let (_, (discount, types)) = caller.beside(beside_types(&prepaid, &id)).await?;
    Ok(Json(DiscountView::new(discount, &types, prepaid.clock.now())))
}

/// Replace a discount; optional fields that are not sent stay as they are, and so does the code.
#[utoipa::path(put, path = "/admin/discounts/{id}", tag = "discounts", operation_id = "prepaid_discounts_replace",
    params(("id" = String, Path, description = "The discount.")), request_body = DiscountForm,
    responses((status = 200, body = DiscountView), (status = 400, description = "What is wrong, by field."),
        (status = 404, description = "No such discount.")))]
async fn replace(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    Id(id): Id,
    sent: Sent,
) -> Reply<Json<DiscountView>> {
    changed(&prepaid, &caller, &id, &sent, Sent::put).await
}

/// Change a discount; what is not sent stays as it is, and so does the code.
#[utoipa::path(patch, path = "/admin/discounts/{id}", tag = "discounts", operation_id = "prepaid_discounts_edit",
    params(("id" = String, Path, description = "The discount.")), request_body = DiscountPatch,
    responses((status = 200, body = DiscountView), (status = 400, description = "What is wrong, by field."),
        (status = 404, description = "No such discount.")))]
async fn edit(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    Id(id): Id,
    sent: Sent,
) -> Reply<Json<DiscountView>> {
    changed(&prepaid, &caller, &id, &sent, Sent::patch).await
}

/// Give a discount to nobody any more. Payments that use it keep it.
#[utoipa::path(delete, path = "/admin/discounts/{id}", tag = "discounts", operation_id = "prepaid_discounts_delete",
    params(("id" = String, Path, description = "The discount.")),
    responses((status = 204), (status = 404, description = "No such discount.")))]
async fn delete(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    once: Idempotency,
    Id(id): Id,
) -> Reply<StatusCode> {
    let (_, discount) = caller.beside(find(&prepaid, &id)).await?;
    let reload = || find(&prepaid, &id);
    let closing = again_on(discount, reload, async |before| {
        let after = Discount { is_active: false, rev: before.rev + 1, ..before.clone() };
        let answered = once.nothing(StatusCode::NO_CONTENT)?;
        prepaid.table.commit::<Problem>(store::edit(&before, &after).answering(answered)).await
    });
    closing.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Writes what comes of a discount that is edited; `read` lays what was sent over what is stored.
async fn changed(
    prepaid: &Prepaid,
    caller: &Caller,
    id: &str,
    sent: &Sent,
    read: fn(&Sent, Value) -> Reply<DiscountForm>,
) -> Reply<Json<DiscountView>> {
    let now = prepaid.clock.now();
    let (_, found) = caller.beside(beside_types(prepaid, id)).await?;
    let reload = || beside_types(prepaid, id);
    let edited = again_on(found, reload, async |(before, types)| {
        let (code, wish) = judged(read(sent, stored(&before))?, &types)?;
        if code != before.code {
            let text = "The code of a discount cannot be changed: make another one.";
            return Err(Problem::field("code", text).into());
        }
        let after = rules::edit(&before, wish);
        prepaid.table.commit::<Problem>(store::edit(&before, &after)).await?;
        Ok((after, types))
    });
    let (after, types) = edited.await?;
    Ok(Json(DiscountView::new(after, &types, now)))
}

async fn types(prepaid: &Prepaid) -> Reply<Vec<VoucherType>> {
    Ok(types::store::all(&prepaid.table).await?)
}

async fn find(prepaid: &Prepaid, id: &str) -> Reply<Discount> {
    store::by_id(&prepaid.table, id).await?.ok_or_else(Problem::not_found)
}

/// A discount and the types that it may name.
async fn beside_types(prepaid: &Prepaid, id: &str) -> Reply<(Discount, Vec<VoucherType>)> {
    tokio::try_join!(find(prepaid, id), types(prepaid))
}

/// What a form asks for, or everything that is wrong with it.
fn judged(form: DiscountForm, types: &[VoucherType]) -> Reply<(String, Wish)> {
    let mut errors = FieldErrors::new();
    let mut applicable_types = Vec::new();
    for id in &form.applicable_types {
        match types::store::number(id.as_str()).filter(|id| types.iter().any(|known| known.id == *id)) {
            Some(id) if !applicable_types.contains(&id) => applicable_types.push(id),
            Some(_) => {}
            None => {
                let text = format!(r#"Invalid pk "{}" - object does not exist."#, id.as_str());
                errors.add("applicable_types", text);
            }
        }
    }
    let wish = Wish {
        description: form.description.into(),
        unit: form.discount_type,
        value: form.discount_value.into(),
        applicable_types,
        max_uses: form.max_uses.map(Into::into),
        max_uses_per_user: form.max_uses_per_user.get(),
        valid_from: form.valid_from,
        valid_until: form.valid_until,
        is_active: form.is_active,
    };
    errors.extend(rules::faults(&wish));
    errors.or((form.code.as_str().to_uppercase(), wish)).map_err(Problem::fields)
}

/// The rule of a discount's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Code;

impl Rule for Code {
    const MAX: usize = 50;

    fn fault(text: &str) -> Option<&'static str> {
        (!text.bytes().all(store::allowed)).then_some(
            "Enter a valid code. This value may contain only letters, digits, dots, dashes and underscores.",
        )
    }

    fn describe(schema: ObjectBuilder) -> ObjectBuilder {
        schema.pattern(Some("^[A-Za-z0-9._-]+$"))
    }
}

/// The same, nothing of which need be sent.
type DiscountPatch = Patch<DiscountForm>;

input! {
    /// A discount.
    pub struct DiscountForm {
        /// No other discount's, whatever the case; it cannot be changed.
        code: Checked<Code>,
        discount_type: Unit = Unit::Percentage,
        /// Percent up to 100, or an amount.
        discount_value: Amount<10, 1>,
        valid_from: Stamp,
        valid_until: Stamp,
        description: Prose<2000> = Prose::default(),
        /// Ids of types; every type, if the list is empty.
        applicable_types: Vec<Text<10>> = Vec::new(),
        /// How many payments may use it; null for any number.
        max_uses: Option<Whole<1, 2_147_483_647>> = None,
        max_uses_per_user: Whole<1, 2_147_483_647> = Whole::of(1),
        is_active: bool = true,
    }
}

/// A discount as a form would have sent it.
fn stored(discount: &Discount) -> Value {
    json!({
        "code": discount.code,
        "discount_value": discount.value,
        "valid_from": discount.valid_from,
        "valid_until": discount.valid_until,
        "discount_type": discount.unit,
        "description": discount.description,
        "applicable_types": discount.applicable_types,
        "max_uses": discount.max_uses,
        "max_uses_per_user": discount.max_uses_per_user,
        "is_active": discount.is_active,
    })
}
