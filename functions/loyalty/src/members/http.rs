//! Enrolling members and looking after them.

use access::{Caller, Policy, Routes, routes};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use platform::{Idempotency, metric};
use serde::Serialize;
use serde_json::{Value, json};
use table::{Denied, Listing, again_on};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};
use wire::{
    Day, Done, Email, Fault, Field, Id, Links, Messages, Patch, Phone, Problem, Prose, Query, Reply, Sent,
    Stamp, Success, SuccessPage, Text, input,
};

use super::list::{MEMBERS, OWN};
use super::rules::{self, Wish};
use super::statistics::MemberStatistics;
use super::{Member, Refusal, SERIES, Status, store};
use crate::ids::Number;
use crate::points::lots::{self, NextExpiration};
use crate::scope::{Scope, Whose};
use crate::statistics::both_spellings;
use crate::tiers::{Tier, rules as tiers};
use crate::{Loyalty, Settings, letters, no_such, scope};

/// The routes of members.
pub fn routes() -> Routes<Loyalty> {
    let own = || Policy::own("the member linked to the caller, or everybody for staff");
    Routes::new()
        .route(own(), routes!(list).saying(|list| MEMBERS.describe(list)))
        .route(scope::desk(), routes!(create))
        .route(own(), routes!(statistics))
        .route(own(), routes!(me))
        .route(own(), routes!(get))
        .route(scope::desk(), routes!(replace, edit))
        .route(scope::administrators(), routes!(delete))
}

/// List members, the newest first.
#[utoipa::path(get, path = "/members", tag = "members", operation_id = "loyalty_members_list",
    responses((status = 200, body = SuccessPage<MemberView>), (status = 400, description = "A filter has a bad value."),
        (status = 404, description = "There is no such page.")))]
async fn list(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    links: Links,
    query: Query,
) -> Reply<Json<SuccessPage<MemberView>>> {
    let listing = Listing::new(&query, &links, &caller.id());
    let page = loyalty
        .within(&caller, |scope| Whose::within(scope, None).page(&loyalty.table, &listing, &MEMBERS, &OWN));
    let page = page.await?;
    Ok(Json(page.map(|member| MemberView::new(&member, &loyalty)).into()))
}

/// Enrol a member.
#[utoipa::path(post, path = "/members", tag = "members", operation_id = "loyalty_members_create",
    request_body = MemberForm, responses(
        (status = 201, body = Success<MemberDetail>), (status = 400, description = "What is wrong, by field.")))]
async fn create(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    once: Idempotency,
    sent: Sent,
) -> Reply<(StatusCode, Json<Success<MemberDetail>>)> {
    let table = &loyalty.table;
    let wish: Reply<Wish> = sent.read::<MemberForm>().map(Into::into);
    let number = async {
        match &wish {
            Ok(_) => Ok(Some(table.next_number(SERIES).await?)),
            Err(_) => Ok(None),
        }
    };
    // The caller's record comes first; a wish that reads draws its number beside it, and a refused one leaves a gap.
    let (_, number) = caller.beside(number).await?;
    let number = number.and_then(|number| u32::try_from(number).ok()).map(Number);
    let (wish, number) = (wish?, number.ok_or_else(|| Fault::bug("there are no more numbers of members"))?);
    let member = rules::enrol(number, wish, loyalty.clock.now());
    let answer = Success::said("Member created successfully", MemberDetail::new(&member, None, &loyalty));
    let tx = store::enrol(&member).tell(letters::welcome(&member, &loyalty.settings));
    let tx = tx.answering(once.answer(StatusCode::CREATED, &answer)?);
    if let Err(denied) = table.commit(tx).await {
        return Err(refused(&loyalty, denied, &member).await?);
    }
    metric::count("LoyaltyMembers", member.created_at);
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Figures about members: how many, of which tier, and what they hold.
#[utoipa::path(get, path = "/members/statistics", tag = "members", operation_id = "loyalty_members_statistics",
    responses((status = 200, body = Success<MemberStatistics>)))]
async fn statistics(State(loyalty): State<Loyalty>, caller: Caller) -> Reply<Json<Success<Value>>> {
    let statistics = loyalty.within(&caller, |scope| MemberStatistics::of(&loyalty.table, scope)).await?;
    Ok(Json(Success::of(both_spellings(&statistics))))
}

/// Look at the member that is linked to the caller's account.
#[utoipa::path(get, path = "/members/me", tag = "members", operation_id = "loyalty_members_me",
    responses((status = 200, body = Success<MemberDetail>), (status = 404, description = "No member is linked.")))]
async fn me(State(loyalty): State<Loyalty>, caller: Caller) -> Reply<Json<Success<MemberDetail>>> {
    let table = &loyalty.table;
    let linked = async { Ok(crate::unique::linked(table, caller.id()).await?) };
    let (_, number) = caller.beside(linked).await?;
    let number = number.ok_or_else(Problem::not_found)?;
    let member = store::living(table, number, true).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(Success::of(detail(&loyalty, member).await?)))
}

/// Look at a member.
#[utoipa::path(get, path = "/members/{id}", tag = "members", operation_id = "loyalty_members_get",
    params(("id" = String, Path, description = "The member, such as MEM-001.")),
    responses((status = 200, body = Success<MemberDetail>), (status = 404, description = "No such member.")))]
async fn get(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    Id(id): Id,
) -> Reply<Json<Success<MemberDetail>>> {
    let member = loyalty.within(&caller, |scope| find(&loyalty, &id, scope)).await?;
    Ok(Json(Success::of(detail(&loyalty, member).await?)))
}

/// Replace what is known of a member; optional fields that are not sent stay as they are.
#[utoipa::path(put, path = "/members/{id}", tag = "members", operation_id = "loyalty_members_replace",
    params(("id" = String, Path, description = "The member, such as MEM-001.")), request_body = MemberForm,
    responses((status = 200, body = Success<MemberDetail>), (status = 400, description = "What is wrong, by field."),
        (status = 404, description = "No such member.")))]
async fn replace(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    Id(id): Id,
    sent: Sent,
) -> Reply<Json<Success<MemberDetail>>> {
    changed(&loyalty, &caller, &id, &sent, Sent::put).await
}

/// Change a member; what is not sent stays as it is.
#[utoipa::path(patch, path = "/members/{id}", tag = "members", operation_id = "loyalty_members_edit",
    params(("id" = String, Path, description = "The member, such as MEM-001.")), request_body = MemberPatch,
    responses((status = 200, body = Success<MemberDetail>), (status = 400, description = "What is wrong, by field."),
        (status = 404, description = "No such member.")))]
async fn edit(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    Id(id): Id,
    sent: Sent,
) -> Reply<Json<Success<MemberDetail>>> {
    changed(&loyalty, &caller, &id, &sent, Sent::patch).await
}

/// Let a member leave.
///
/// Its history stays, its address is free, and what it redeemed may still be used.
#[utoipa::path(delete, path = "/members/{id}", tag = "members", operation_id = "loyalty_members_delete",
    params(("id" = String, Path, description = "The member, such as MEM-001.")),
    responses((status = 200, body = Done), (status = 404, description = "No such member.")))]
async fn delete(
    State(loyalty): State<Loyalty>,
    caller: Caller,
    once: Idempotency,
    Id(id): Id,
) -> Reply<Json<Done>> {
    let (table, now) = (&loyalty.table, loyalty.clock.now());
    let done = Done::said("Member deleted successfully");
    let (_, member) = caller.beside(find(&loyalty, &id, Scope::Desk)).await?;
    let reload = || find(&loyalty, &id, Scope::Desk);
    let leaving = again_on(member, reload, async |before| {
        let tx = store::leave(&before, &rules::leave(&before, now));
        table.commit(tx.answering(once.answer(StatusCode::OK, &done)?)).await.map_err(Denied::worded)
    });
    leaving.await?;
    Ok(Json(done))
}

/// A living member within the caller's scope.
async fn find(loyalty: &Loyalty, id: &str, scope: Scope) -> Reply<Member> {
    let seen = Number::parse(id).is_some_and(|number| scope.sees(number));
    let found = if seen { store::by_id(&loyalty.table, id).await? } else { None };
    found.ok_or_else(Problem::not_found)
}

async fn detail(loyalty: &Loyalty, member: Member) -> Reply<MemberDetail> {
    let next = if loyalty.settings.points_expiry_days > 0 {
        lots::next(&loyalty.table, &member).await?
    } else {
        None
    };
    Ok(MemberDetail::new(&member, next, loyalty))
}

/// Writes what comes of a member that is edited; `read` lays what was sent over what is stored.
async fn changed(
    loyalty: &Loyalty,
    caller: &Caller,
    id: &str,
    sent: &Sent,
    read: fn(&Sent, Value) -> Reply<MemberForm>,
) -> Reply<Json<Success<MemberDetail>>> {
    let (table, now) = (&loyalty.table, loyalty.clock.now());
    let (_, member) = caller.beside(find(loyalty, id, Scope::Desk)).await?;
    let reload = || find(loyalty, id, Scope::Desk);
    let edited = again_on(member, reload, async |before| {
        let after = rules::edit(&before, read(sent, stored(&before))?.into(), now);
        match table.commit(store::edit(&before, &after)).await {
            Ok(()) => Ok(after),
            Err(Denied::Stale) => Err(Denied::Stale),
            Err(denied) => Err(Denied::Refused(refused(loyalty, denied, &after).await?)),
        }
    });
    Ok(Json(Success::said("Member updated successfully", detail(loyalty, edited.await?).await?)))
}

/// What a denied write of a member means; names everything that somebody else has already.
async fn refused(loyalty: &Loyalty, denied: Denied<Refusal>, member: &Member) -> Result<Problem, Fault> {
    match denied {
        Denied::Refused(Refusal::EmailTaken | Refusal::AccountTaken | Refusal::NoAccount(_)) => {
            store::taken(&loyalty.table, member).await
        }
        denied => Ok(denied.into()),
    }
}

/// The same, nothing of which need be sent.
type MemberPatch = Patch<MemberForm>;

input! {
    /// A member.
    pub struct MemberForm {
        name: Text<255>,
        /// No other living member's, without case.
        email: Email,
        phone: Phone,
        join_date: Day,
        address: Prose<2000> = Prose::default(),
        /// Holds until the balance next changes.
        tier_level: Tier = Tier::Bronze,
        status: Status = Status::Active,
        /// The account that the member may look after itself with.
        user_id: Option<Account> = None,
    }
}

/// An account that a member is to be linked to. Whether there is such, the write finds out.
#[derive(Clone, Copy, Debug)]
pub struct Account(u64);

impl Field for Account {
    fn read(value: &Value) -> Result<Self, Messages> {
        let id = Text::<40>::read(value)?;
        id.parse().map(Self).map_err(|_| no_such(&id).into())
    }

    fn schema() -> RefOr<Schema> {
        Text::<40>::schema()
    }
}

impl From<MemberForm> for Wish {
    fn from(form: MemberForm) -> Self {
        Self {
            name: form.name.into(),
            email: form.email.into(),
            phone: form.phone.into(),
            address: form.address.into(),
            join_date: form.join_date,
            tier_level: form.tier_level,
            status: form.status,
            user_id: form.user_id.map(|account| account.0),
        }
    }
}

/// A member as a form would have sent it.
fn stored(member: &Member) -> Value {
    json!({
        "name": member.name,
        "email": member.email,
        "phone": member.phone,
        "join_date": member.join_date,
        "address": member.address,
        "tier_level": member.tier_level,
        "status": member.status,
        "user_id": member.user_id.map(|id| id.to_string()),
    })
}

/// A member, as lists show it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MemberView {
    id: String,
    name: String,
    email: String,
    phone: String,
    address: String,
    join_date: Day,
    total_points: i64,
    #[schema(value_type = String, example = "Silver")]
    tier_level: Tier,
    #[schema(value_type = String, example = "Active")]
    status: Status,
    /// How many points are lacking to the next tier.
    points_to_next_tier: i64,
    user_id: Option<String>,
    created_at: Stamp,
    updated_at: Stamp,
}

impl MemberView {
    fn new(member: &Member, loyalty: &Loyalty) -> Self {
        let (settings, today): (&Settings, Day) = (&loyalty.settings, loyalty.clock.now().day());
        let counting = tiers::counting(member, settings, today);
        let member = member.clone();
        Self {
            id: member.number().to_string(),
            points_to_next_tier: tiers::to_next(member.tier_level, counting, settings),
            name: member.name,
            email: member.email,
            phone: member.phone,
            address: member.address,
            join_date: member.join_date,
            total_points: member.total_points,
            tier_level: member.tier_level,
            status: member.status,
            user_id: member.user_id.map(|id| id.to_string()),
            created_at: member.created_at,
            updated_at: member.updated_at,
        }
    }
}

/// A member, as it is shown alone.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MemberDetail {
    #[serde(flatten)]
    member: MemberView,
    /// The points that expire next, if points expire.
    next_expiration: Option<NextExpiration>,
}

impl MemberDetail {
    fn new(member: &Member, next_expiration: Option<NextExpiration>, loyalty: &Loyalty) -> Self {
        Self { member: MemberView::new(member, loyalty), next_expiration }
    }
}
