//! Vouchers that end.

use access::contact;
use table::{Denied, Due, Index, Query, Tx, again, from_item, settled};
use wire::Fault;

use crate::Prepaid;
use crate::letters;
use crate::vouchers::store::{change, owner_partition};
use crate::vouchers::{Voucher, rules};

/// How many vouchers of an owner one letter reminds of.
const AT_ONCE: usize = 20;

/// How many of an owner's newest vouchers are looked through for others to be reminded of.
const LOOKED_AT: usize = 100;

/// Reminds an owner of a voucher that ends, and in the same letter of all others of which the same is true.
pub(super) async fn remind(prepaid: &Prepaid, due: &Due) -> Result<(), Fault> {
    let done = again(async || {
        let now = prepaid.clock.now();
        let Some(voucher) = prepaid.table.get_strong::<Voucher>(&due.key()).await? else { return Ok(()) };
        if rules::remind(&voucher, now).is_none() {
            return expired(prepaid, &voucher).await;
        }
        let owner = voucher.user;
        let (others, contact) =
            tokio::try_join!(others(prepaid, &voucher), async { contact(&prepaid.table, owner).await })?;
        let ending = std::iter::once(voucher).chain(others);
        let reminded: Vec<(Voucher, Voucher)> = ending
            .filter_map(|before| rules::remind(&before, now).map(|after| (before, after)))
            .take(AT_ONCE)
            .collect();
        let tx = reminded.iter().fold(Tx::<()>::new(), |tx, (before, after)| change(tx, before, after));
        let terms =
            prepaid.terms.of(&prepaid.table, reminded.iter().map(|(_, voucher)| voucher.terms)).await?;
        let wanted = contact.filter(|contact| contact.wants("expiry_email"));
        let letter = wanted.map(|contact| {
            letters::expiring(&contact, reminded.iter().map(|(_, voucher)| voucher), &terms, now)
        });
        prepaid.table.commit(letter.into_iter().fold(tx, Tx::tell)).await
    });
    settled(done.await)
}

/// Takes note that a voucher has ended. What it shows was right before.
pub(super) async fn expire(prepaid: &Prepaid, due: &Due) -> Result<(), Fault> {
    let done = again(async || match prepaid.table.get_strong::<Voucher>(&due.key()).await? {
        Some(voucher) => expired(prepaid, &voucher).await,
        None => Ok(()),
    });
    settled(done.await)
}

async fn expired(prepaid: &Prepaid, voucher: &Voucher) -> Result<(), Denied<()>> {
    match rules::expire(voucher, prepaid.clock.now()) {
        Some(after) => prepaid.table.commit(change(Tx::new(), voucher, &after)).await,
        None => Ok(()),
    }
}

/// The owner's other vouchers among the newest. They may lag; what is written asks that they are still so.
async fn others(prepaid: &Prepaid, voucher: &Voucher) -> Result<Vec<Voucher>, Fault> {
    let query = Query::index(Index::Gsi1, owner_partition(voucher.user)).descending().limit(LOOKED_AT);
    let items = prepaid.table.query(query).await?.items;
    let all: Vec<Voucher> = items.into_iter().map(from_item).collect::<Result<_, _>>()?;
    Ok(all.into_iter().filter(|other| other.code != voucher.code).collect())
}
