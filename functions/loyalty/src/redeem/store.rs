//! Where redemptions are kept.

use table::{Condition, Denied, Key, Table, Tx, Update, from_item};
use wire::{Choice, Day, Fault};

use super::rules::{Moved, Outcome};
use super::{Redemption, Refusal, Status, code};
use crate::figures::of_redemptions;
use crate::ids::{Number, Place};
use crate::members::{Member, store as members};
use crate::points::rules::Booked;
use crate::points::store::{member_partition, record};
use crate::vouchers::{Voucher, store as vouchers};
use crate::{Settings, letters};

/// A redemption.
pub fn redemption_key(place: Place) -> Key {
    Key::new(member_partition(place.member), format!("REDEEM#{:010}", place.running))
}

/// The redemptions in one state, in the index.
pub fn status_partition(status: Status) -> String {
    format!("LOYALTY#REDEEMS#{}", status.as_str())
}

/// The redemptions of one voucher, in the index.
pub fn voucher_partition(voucher: &str) -> String {
    format!("LOYALTY#REDEEMS#VOUCHER#{voucher}")
}

/// How many a member has of a voucher, where that is limited.
fn limit_key(member: Number, voucher: &str) -> Key {
    Key::new(member_partition(member), format!("LIMIT#{voucher}"))
}

/// A redemption by its id, as the newest write left it.
pub async fn redemption(table: &Table, id: &str) -> Result<Option<Redemption>, Fault> {
    let Some(place) = Place::of(id) else { return Ok(None) };
    let found: Option<Redemption> = table.get_strong(&redemption_key(place)).await?;
    Ok(found.filter(|redemption| redemption.id == id))
}

/// A redemption and its member, living or gone, as the newest write left them.
pub async fn with_member(table: &Table, id: &str) -> Result<Option<(Redemption, Member)>, Fault> {
    let Some(place) = Place::of(id) else { return Ok(None) };
    let keys = [redemption_key(place), members::living_key(place.member), members::gone_key(place.member)];
    let mut found = table.items(&keys, true).await?.into_iter();
    let (redemption, mut members) = (found.next().flatten(), found.flatten());
    let Some((redemption, member)) = redemption.zip(members.next()) else { return Ok(None) };
    let (redemption, member) = (from_item::<Redemption>(redemption)?, from_item(member)?);
    Ok((redemption.id == id).then_some((redemption, member)))
}

/// A redemption by what its owner shows at the till.
pub async fn by_code(table: &Table, text: &str) -> Result<Option<Redemption>, Fault> {
    let Some((place, secret)) = code::read(text) else { return Ok(None) };
    let found: Option<Redemption> = table.get_strong(&redemption_key(place)).await?;
    Ok(found.filter(|redemption| redemption.secret == secret))
}

/// Redeeming: the balance with its ledger row, the voucher's stock, and the redemption, all or none.
pub fn redeem(member: &Member, voucher: &Voucher, outcome: &Outcome) -> Tx<Refusal> {
    let Outcome { redemption, booked } = outcome;
    let tx = record(member, booked).append(redemption);
    let tx = vouchers::sell(tx, voucher, redemption.created_at.day());
    let tx = match voucher.limit_per_member {
        Some(limit) => tx.update(counted(member.number(), &voucher.id, limit), Refusal::LimitPerMember),
        None => tx,
    };
    tx.moved(None, redemption)
}

/// Where a voucher that is taken back returns to.
#[derive(Clone, Copy)]
enum Returns {
    /// To the stock, and out of the count of this day.
    ToDay(Day),
    /// To the stock.
    ToStock,
    /// The voucher was removed.
    Nowhere,
}

impl Returns {
    /// The first that fits. What was sold before the day of its return counts for no day any more, nor does what was
    /// sold on this day, once the voucher counts another.
    fn all(before: &Redemption, after: &Redemption) -> impl Iterator<Item = Self> + use<> {
        let (sold, today) = (before.created_at.day(), after.updated_at.day());
        let day = (before.daily && sold == today).then_some(Self::ToDay(sold));
        day.into_iter().chain([Self::ToStock, Self::Nowhere])
    }
}

/// Taking back: the balance with its ledger row, the redemption, and the stock of the voucher.
///
/// Where nothing can return to is refused as `VoucherGone`; the rest happens all the same, since no voucher returns.
fn cancel(
    before: &Redemption,
    member: &Member,
    redemption: &Redemption,
    booked: &Booked,
    returns: Returns,
) -> Tx<Refusal> {
    let give_back =
        |tx, counted_on| vouchers::give_back(tx, &before.voucher, counted_on, Refusal::VoucherGone);
    let tx = record(member, booked).change(before, redemption, &["status"]);
    let mut tx = match returns {
        Returns::ToDay(day) => give_back(tx, Some(day)),
        Returns::ToStock => give_back(tx, None),
        Returns::Nowhere => tx,
    };
    if before.limited {
        let key = limit_key(before.place().member, &before.voucher);
        tx = tx.amend(Update::when(key, Condition::exists()).add("count", -1));
    }
    tx.moved(Some(before), redemption)
}

/// Writes a step, with what `with` adds to it.
///
/// Stock comes back to a voucher that is still there; whether it is, the write itself finds out.
pub async fn advance(
    table: &Table,
    before: &Redemption,
    member: &Member,
    moved: &Moved,
    settings: &Settings,
    with: impl Fn(Tx<Refusal>) -> Tx<Refusal>,
) -> Result<(), Denied<Refusal>> {
    let Moved { redemption, booked } = moved;
    let Some(booked) = booked else { return table.commit(with(step(before, redemption, member))).await };
    let written = |returns| {
        let tx = with(cancel(before, member, redemption, booked, returns));
        // Who left the programme is not written to any more.
        let here = member.deleted_at.is_none();
        let told = here.then(|| letters::cancelled(&booked.member, redemption));
        let tier = letters::tier_changed(booked, settings).filter(|_| here);
        told.into_iter().chain(tier).fold(tx, Tx::tell)
    };
    let mut done = Err(Denied::Refused(Refusal::VoucherGone));
    for returns in Returns::all(before, redemption) {
        if matches!(done, Err(Denied::Refused(Refusal::VoucherGone))) {
            done = table.commit(written(returns)).await;
        }
    }
    done
}

/// Any other step of a redemption, and its place in the figures of the member and of all.
fn step<R>(before: &Redemption, after: &Redemption, member: &Member) -> Tx<R> {
    let tx = Tx::new().change(before, after, &["status"]);
    let deltas = [(of_redemptions(before.status), -1), (of_redemptions(after.status), 1)];
    members::count(tx, member, &deltas).moved(Some(before), after)
}

/// That the member was told of the voucher's end, which happens once and only while it can still be used.
pub fn reminded<R>(redemption: &Redemption, refused: R) -> Tx<R> {
    let open = Condition::exists().is("status", redemption.status).is("reminded", false);
    Tx::new().update(Update::when(redemption_key(redemption.place()), open).set("reminded", true), refused)
}

/// One more of a voucher for a member who may have so many.
fn counted(member: Number, voucher: &str, limit: i64) -> Update {
    let below = Condition::absent().or(Condition::exists().less("count", limit));
    Update::when(limit_key(member, voucher), below).of_kind("limit").add("count", 1)
}
