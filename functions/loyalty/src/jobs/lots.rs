//! Points that expire.

use table::{Denied, Due, Tx, Update, again};
use wire::Fault;

use super::{Desk, SYSTEM, settled};
use crate::ids::Number;
use crate::letters;
use crate::members::{Member, store as members};
use crate::points::lots::{Lot, NOTICE_DAYS};
use crate::points::rules::{Posting, book};
use crate::points::{Kind, Refusal, store};

/// Tells a member of points that are about to expire, once for each lot.
pub(super) async fn notice(desk: &Desk, due: &Due) -> Result<(), Fault> {
    let (table, now) = (&desk.table, desk.clock.now());
    let done = again(async || {
        let Some((lot, member)) = load(desk, due).await? else { return Ok(()) };
        if lot.noticed || lot.expires.plus_days(-NOTICE_DAYS) > now.day() {
            return Ok(());
        }
        let tx = Tx::<Refusal>::new().amend(Update::between(&lot, &lot.told(), &["noticed"]));
        let left = member.as_ref().map_or(0, |member| lot.left(member.debited));
        let told = member.filter(|_| left > 0).map(|member| letters::points_expire(&member, &lot, left, now));
        table.commit(told.into_iter().fold(tx, Tx::tell)).await
    });
    settled(done.await)
}

/// Takes what is left of a lot, as one transaction.
pub(super) async fn expire(desk: &Desk, due: &Due) -> Result<(), Fault> {
    let (table, now) = (&desk.table, desk.clock.now());
    let done = again(async || {
        let Some((lot, member)) = load(desk, due).await? else { return Ok(()) };
        if lot.expires > now.day() {
            return Ok(());
        }
        let left = member.as_ref().map_or(0, |member| lot.left(member.debited));
        // Nothing is left, or nobody to take it from: the lot is settled all the same.
        let Some(member) = member.filter(|_| left > 0) else {
            return table.commit(store::settle(Tx::<Refusal>::new(), &lot)).await;
        };
        let posting = Posting {
            kind: Kind::Expire,
            points: -left,
            refund: false,
            description: "Points expired".to_owned(),
            reference: Some(lot.entry.clone()),
            by: SYSTEM.to_owned(),
        };
        let booked = book(&member, posting, &desk.settings, now).map_err(Denied::Refused)?;
        let tx = store::settle(store::record(&member, &booked), &lot);
        let tx = letters::tier_changed(&booked, &desk.settings).into_iter().fold(tx, Tx::tell);
        table.commit(tx).await
    });
    settled(done.await)
}

/// The lot, if it is still there, and its member, if it still takes part.
async fn load(desk: &Desk, due: &Due) -> Result<Option<(Lot, Option<Member>)>, Fault> {
    let Some(lot) = desk.table.get_strong::<Lot>(&due.key()).await? else { return Ok(None) };
    let member = members::living(&desk.table, Number(lot.member), true).await?;
    Ok(Some((lot, member)))
}
