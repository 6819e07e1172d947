//! The catalogue.

use access::{Caller, Policy, Routes, Visit, routes};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};
use platform::Idempotency;
use serde_json::{Value, json};
use table::{Denied, Listing, Tx, again_on};
use wire::{Amount, Checked, Id, Links, Page, Patch, Problem, Query, Reply, Rule, Sent, Text, Whole, input};

use super::list::CATALOGUE;
use super::rules::{self, Wish};
use super::{Refusal, SERIES, TypeView, VoucherType, store};
use crate::{Prepaid, scope};

/// The routes of voucher types.
pub fn routes() -> Routes<Prepaid> {
    Routes::new()
        .route(Policy::anyone(), routes!(list).saying(|list| CATALOGUE.describe(list)))
        .route(scope::staff(), routes!(create))
        .route(Policy::anyone(), routes!(get))
        .route(scope::staff(), routes!(replace, edit))
        .route(scope::staff(), routes!(delete))
}

/// List what is sold. Staff may ask for what is not.
#[utoipa::path(get, path = "/vouchers/types", tag = "types", operation_id = "prepaid_types_list",
    responses((status = 200, body = Page<TypeView>), (status = 400, description = "A filter has a bad value."),
        (status = 404, description = "There is no such page.")))]
async fn list(State(prepaid): State<Prepaid>, visit: Visit, links: Links, query: Query) -> Reply<Response> {
    let table = &prepaid.table;
    // Only who asks for what is not sold has to be looked up.
    let staff = query.filled("is_active").is_some() && scope::is_staff(visit.visitor().await?.as_ref());
    let (caller, asked) =
        if staff { ("staff", query.clone()) } else { ("", query.with("is_active", Some("true"))) };
    let page = CATALOGUE.page(table, &Listing::new(&asked, &links, caller)).await?;
    let mut answer = Json(page.map(|known| TypeView::from(&known))).into_response();
    if !staff {
        answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    }
    Ok(answer)
}

/// Put a type into the catalogue.
#[utoipa::path(post, path = "/vouchers/types", tag = "types", operation_id = "prepaid_types_create",
    request_body = TypeForm, responses(
        (status = 201, body = TypeView), (status = 400, description = "What is wrong, by field.")))]
async fn create(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    once: Idempotency,
    sent: Sent,
) -> Reply<(StatusCode, Json<TypeView>)> {
    let (table, now) = (&prepaid.table, prepaid.clock.now());
    caller.alone().await?;
    let wish = Wish::from(translated(sent).read::<TypeForm>()?);
    let id = u32::try_from(table.next_number(SERIES).await?).map_err(wire::Fault::bug)?;
    let made = rules::create(id, wish, now);
    let answer = TypeView::from(&made);
    let tx = store::create(&made).answering(once.answer(StatusCode::CREATED, &answer)?);
    written(&prepaid, &made, tx).await?;
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Look at a type. What is not sold is there for staff alone.
#[utoipa::path(get, path = "/vouchers/types/{id}", tag = "types", operation_id = "prepaid_types_get",
    params(("id" = String, Path, description = "The type.")),
    responses((status = 200, body = TypeView), (status = 404, description = "No such type.")))]
async fn get(State(prepaid): State<Prepaid>, visit: Visit, Id(id): Id) -> Reply<Json<TypeView>> {
    let found = find(&prepaid, &id).await?;
    if !found.is_active && !scope::is_staff(visit.visitor().await?.as_ref()) {
        return Err(Problem::not_found());
    }
    Ok(Json(TypeView::from(&found)))
}

/// Replace a type; optional fields that are not sent stay as they are.
#[utoipa::path(put, path = "/vouchers/types/{id}", tag = "types", operation_id = "prepaid_types_replace",
    params(("id" = String, Path, description = "The type.")), request_body = TypeForm,
    responses((status = 200, body = TypeView), (status = 400, description = "What is wrong, by field."),
        (status = 404, description = "No such type.")))]
async fn replace(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    Id(id): Id,
    sent: Sent,
) -> Reply<Json<TypeView>> {
    changed(&prepaid, &caller, &id, sent, Sent::put).await
}

/// Change a type; what is not sent stays as it is.
#[utoipa::path(patch, path = "/vouchers/types/{id}", tag = "types", operation_id = "prepaid_types_edit",
    params(("id" = String, Path, description = "The type.")), request_body = TypePatch,
    responses((status = 200, body = TypeView), (status = 400, description = "What is wrong, by field."),
        (status = 404, description = "No such type.")))]
async fn edit(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    Id(id): Id,
    sent: Sent,
) -> Reply<Json<TypeView>> {
    changed(&prepaid, &caller, &id, sent, Sent::patch).await
}

/// Take a type out of the catalogue. What was sold of it keeps working.
#[utoipa::path(delete, path = "/vouchers/types/{id}", tag = "types", operation_id = "prepaid_types_delete",
    params(("id" = String, Path, description = "The type.")),
    responses((status = 204), (status = 404, description = "No such type.")))]
async fn delete(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    once: Idempotency,
    Id(id): Id,
) -> Reply<StatusCode> {
    let now = prepaid.clock.now();
    let (_, found) = caller.beside(find(&prepaid, &id)).await?;
    let reload = || find(&prepaid, &id);
    let retiring = again_on(found, reload, async |before| {
        let answered = once.nothing(StatusCode::NO_CONTENT)?;
        let tx = store::edit(&before, &rules::retire(&before, now)).answering(answered);
        prepaid.table.commit(tx).await.map_err(Denied::worded)
    });
    retiring.await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(prepaid: &Prepaid, id: &str) -> Reply<VoucherType> {
    store::by_id(&prepaid.table, id).await?.ok_or_else(Problem::not_found)
}

/// Writes what comes of a type that is edited; `read` lays what was sent over what is stored.
async fn changed(
    prepaid: &Prepaid,
    caller: &Caller,
    id: &str,
    sent: Sent,
    read: fn(&Sent, Value) -> Reply<TypeForm>,
) -> Reply<Json<TypeView>> {
    let now = prepaid.clock.now();
    let (_, found) = caller.beside(find(prepaid, id)).await?;
    let sent = translated(sent);
    let reload = || find(prepaid, id);
    let edited = again_on(found, reload, async |before| {
        let after = rules::edit(&before, read(&sent, stored(&before))?.into(), now);
        written(prepaid, &after, store::edit(&before, &after)).await?;
        Ok(after)
    });
    Ok(Json(TypeView::from(&edited.await?)))
}

/// Writes, and tells of all that another type has already.
async fn written(prepaid: &Prepaid, wanted: &VoucherType, tx: Tx<Refusal>) -> Result<(), Denied<Problem>> {
    let table = &prepaid.table;
    match table.commit(tx).await {
        Err(Denied::Refused(_)) => Err(store::taken(table, wanted).await?.into()),
        done => done.map_err(Denied::worded),
    }
}

/// Reads what older clients call a field.
fn translated(sent: Sent) -> Sent {
    sent.alias("service_type", "type_code").alias("max_uses", "usage_limit")
}

/// The rule of a service's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slug;

impl Rule for Slug {
    const MAX: usize = 50;

    fn fault(text: &str) -> Option<&'static str> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        (!text.bytes().all(allowed)).then_some(
            "Enter a valid type code. This value may contain only lowercase letters, digits and underscores.",
        )
    }
}

/// The same, nothing of which need be sent.
type TypePatch = Patch<TypeForm>;

input! {
    /// A voucher type.
    pub struct TypeForm {
        /// No other type's, whatever the case.
        name: Text<100>,
        /// The service it is for: small letters, digits and underscores. Also read as `service_type`.
        type_code: Checked<Slug>,
        description: Text<2000>,
        price: Amount<10, 0>,
        is_active: bool = true,
        /// How many days a voucher is good.
        validity_days: Whole<1, 3650> = Whole::of(30),
        /// How often a voucher can be used. Also read as `max_uses`.
        usage_limit: Whole<1, 10_000> = Whole::of(1),
        /// The services it can be redeemed for; its own by default, and any if the list is empty.
        accepted_services: Option<Vec<Text<100>>> = None,
    }
}

impl From<TypeForm> for Wish {
    fn from(form: TypeForm) -> Self {
        let count = |number: i64| u32::try_from(number).expect("the form keeps within these bounds");
        let services = form.accepted_services.map(|all| all.into_iter().map(Into::into).collect());
        Self {
            name: form.name.into(),
            type_code: form.type_code.into(),
            description: form.description.into(),
            price: form.price.into(),
            is_active: form.is_active,
            validity_days: count(form.validity_days.get()),
            usage_limit: count(form.usage_limit.get()),
            accepted_services: services,
        }
    }
}

/// A type as a form would have sent it.
fn stored(known: &VoucherType) -> Value {
    json!({
        "name": known.name,
        "type_code": known.type_code,
        "description": known.description,
        "price": known.price,
        "is_active": known.is_active,
        "validity_days": known.validity_days,
        "usage_limit": known.usage_limit,
        "accepted_services": known.accepted_services,
    })
}
