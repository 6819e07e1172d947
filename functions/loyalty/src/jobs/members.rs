//! Tiers that time takes away.

use table::{Due, again, settled};
use wire::Fault;

use crate::members::{Member, Refusal, rules, store};
use crate::{Loyalty, letters};

/// Judges the tier of a member anew, and tells of another one.
pub(super) async fn judge_tier(loyalty: &Loyalty, due: &Due) -> Result<(), Fault> {
    let (table, now) = (&loyalty.table, loyalty.clock.now());
    let done = again(async || {
        let Some(before) = table.get_strong::<Member>(&due.key()).await? else { return Ok(()) };
        let Some(after) = rules::look(&before, &loyalty.settings, now) else { return Ok(()) };
        let tx = store::change::<Refusal>(&before, &after);
        let changed = before.tier_level != after.tier_level;
        table
            .commit(if changed {
                tx.tell(letters::new_tier(&after, before.tier_level, &loyalty.settings))
            } else {
                tx
            })
            .await
    });
    settled(done.await)
}
