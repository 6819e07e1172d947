//! Points that expire.

use table::{Denied, Due, Query, Row, Tx, Update, again, from_item, settled};
use wire::Fault;

use super::SYSTEM;
use crate::ids::Number;
use crate::members::{Member, store as members};
use crate::points::lots::{Lot, NOTICE_DAYS};
use crate::points::rules::{Posting, book};
use crate::points::{Kind, Refusal, store};
use crate::{Loyalty, letters};

/// How many lots one message settles; the next minute goes on.
const LOTS: usize = 50;

/// Tells a member of points that are about to expire, once for each lot.
pub(super) async fn notice(loyalty: &Loyalty, due: &Due) -> Result<(), Fault> {
    let (table, now) = (&loyalty.table, loyalty.clock.now());
    let done = again(async || {
        let Some((lot, member)) = load(loyalty, due).await? else { return Ok(()) };
        if lot.noticed || lot.expires.plus_days(-NOTICE_DAYS) > now.day() {
            return Ok(());
        }
        let tx = Tx::<Refusal>::new().amend(Update::between(&lot, &lot.told(), &["noticed"]));
        // Whoever finds out after the end that points expire has no use for it.
        let left =
            member.as_ref().filter(|_| lot.expires > now.day()).map_or(0, |member| lot.left(member.debited));
        let told = member.filter(|_| left > 0).map(|member| letters::points_expire(&member, &lot, left, now));
        table.commit(told.into_iter().fold(tx, Tx::tell)).await
    });
    settled(done.await)
}

/// Takes what is left of a lot and of the older ones that ended, each as one transaction.
///
/// The oldest go first in whatever order their messages come: what a younger lot loses counts as spent, and so would be
/// missing in an older one.
pub(super) async fn expire(loyalty: &Loyalty, due: &Due) -> Result<(), Fault> {
    let (named, today) = (due.key(), loyalty.clock.now().day());
    let query = Query::partition(named.pk()).between(store::FIRST_LOT, named.sk()).limit(LOTS).strong();
    for item in loyalty.table.query(query).await?.items {
        let lot: Lot = from_item(item)?;
        if lot.expires <= today {
            expire_one(loyalty, &lot).await?;
        }
    }
    Ok(())
}

async fn expire_one(loyalty: &Loyalty, lot: &Lot) -> Result<(), Fault> {
    let (table, now) = (&loyalty.table, loyalty.clock.now());
    let done = again(async || {
        let keys = [lot.key(), members::living_key(Number(lot.member))];
        let mut found = table.items(&keys, true).await?.into_iter();
        if found.next().flatten().is_none() {
            return Ok(());
        }
        let member: Option<Member> = found.next().flatten().map(from_item).transpose()?;
        let left = member.as_ref().map_or(0, |member| lot.left(member.debited));
        // Nothing is left, or nobody to take it from: the lot is settled all the same.
        let Some(member) = member.filter(|_| left > 0) else {
            return table.commit(store::settle(Tx::<Refusal>::new(), lot)).await;
        };
        let posting = Posting {
            kind: Kind::Expire,
            points: -left,
            refund: false,
            description: "Points expired".to_owned(),
            reference: Some(lot.entry.clone()),
            by: SYSTEM.to_owned(),
        };
        let booked = book(&member, posting, &loyalty.settings, now).map_err(Denied::Refused)?;
        let tx = store::settle(store::record(&member, &booked), lot);
        let tx = letters::tier_changed(&booked, &loyalty.settings).into_iter().fold(tx, Tx::tell);
        table.commit(tx).await
    });
    settled(done.await)
}

/// The lot, if it is still there, and its member, if it still takes part.
async fn load(loyalty: &Loyalty, due: &Due) -> Result<Option<(Lot, Option<Member>)>, Fault> {
    let Some(lot) = loyalty.table.get_strong::<Lot>(&due.key()).await? else { return Ok(None) };
    let member = members::living(&loyalty.table, Number(lot.member), true).await?;
    Ok(Some((lot, member)))
}
