//! Vouchers that end.

use futures_util::StreamExt;
use futures_util::stream::iter;
use platform::metric;
use table::{Denied, Due, Index, Query, Update, from_item, settled};
use wire::{Fault, Stamp};

use crate::members::{Member, store as members};
use crate::redeem::{Redemption, store as redeem};
use crate::vouchers::{REMINDER_DAYS, Voucher};
use crate::{Loyalty, letters};

/// How many redemptions one page of the reminding has.
const PAGE: usize = 100;

/// How many pages one run takes; the next minute goes on.
const PAGES: usize = 5;

/// How many members are told at once.
const AT_ONCE: usize = 8;

/// Tells everybody who has not yet used a voucher that it is about to end, each once.
///
/// How far it has come stands with the voucher, so that a run is short however many there are.
pub(super) async fn remind(loyalty: &Loyalty, due: &Due) -> Result<(), Fault> {
    for _ in 0..PAGES {
        let Some(voucher) = loyalty.table.get_strong::<Voucher>(&due.key()).await? else { return Ok(()) };
        let now = loyalty.clock.now();
        let (end, today) = (voucher.end_date, now.day());
        if voucher.reminded == Some(end) || end.plus_days(-REMINDER_DAYS) > today {
            return Ok(());
        }
        let page = page(loyalty, &voucher).await?;
        // Whoever finds out after the end that a voucher ends has no use for it.
        if end >= today {
            let telling: Vec<_> =
                page.iter().map(|redemption| tell(loyalty, &voucher, redemption, now)).collect();
            let told: Vec<_> = iter(telling).buffered(AT_ONCE).collect().await;
            told.into_iter().collect::<Result<Vec<()>, Fault>>()?;
        }
        let mut after = voucher.clone();
        after.reminding =
            page.last().filter(|_| page.len() == PAGE).map(|last| format!("{}#{}", last.created_at, last.id));
        if after.reminding.is_none() {
            after.reminded = Some(end);
        }
        let done = after.reminding.is_none();
        match mark(loyalty, &voucher, &after).await {
            Ok(()) if done => return Ok(()),
            // An edit or a sale meanwhile: look anew.
            Ok(()) | Err(Denied::Refused(())) => {}
            other => return settled(other),
        }
    }
    Ok(())
}

/// Takes note that a voucher has ended, once. What it shows was right before.
pub(super) async fn expire(loyalty: &Loyalty, due: &Due) -> Result<(), Fault> {
    let Some(voucher) = loyalty.table.get_strong::<Voucher>(&due.key()).await? else { return Ok(()) };
    let now = loyalty.clock.now();
    if voucher.swept == Some(voucher.end_date) || voucher.end_date >= now.day() {
        return Ok(());
    }
    let after = Voucher { swept: Some(voucher.end_date), ..voucher.clone() };
    let done = mark(loyalty, &voucher, &after).await;
    if done.is_ok() {
        metric::count("LoyaltyVouchersExpired", now);
        tracing::info!(target: "loyalty", event = "voucher.expired", voucher = voucher.id);
    }
    settled(done)
}

/// Notes what was done for a voucher, provided that it still ends then.
async fn mark(loyalty: &Loyalty, before: &Voucher, after: &Voucher) -> Result<(), Denied<()>> {
    loyalty.table.apply(Update::between(before, after, &["end_date"]), ()).await.map(drop)
}

/// The next redemptions of a voucher that are still to be gone through.
async fn page(loyalty: &Loyalty, voucher: &Voucher) -> Result<Vec<Redemption>, Fault> {
    // `$` follows `#` and everything that an id may have behind it.
    let from = voucher.reminding.as_ref().map_or(" ".to_owned(), |last| format!("{last}$"));
    let query =
        Query::index(Index::Gsi2, redeem::voucher_partition(&voucher.id)).between(from, "~").limit(PAGE);
    loyalty.table.query(query).await?.items.into_iter().map(from_item).collect()
}

/// Tells one member, unless the redemption was used, taken back or told of before.
async fn tell(
    loyalty: &Loyalty,
    voucher: &Voucher,
    redemption: &Redemption,
    now: Stamp,
) -> Result<(), Fault> {
    if !redemption.is_open() || redemption.reminded {
        return Ok(());
    }
    let member: Option<Member> = members::living(&loyalty.table, redemption.place().member, false).await?;
    let Some(member) = member else { return Ok(()) };
    let letter = letters::voucher_ends(&member, redemption, voucher, now);
    settled(loyalty.table.commit(redeem::reminded(redemption, ()).tell(letter)).await)
}
