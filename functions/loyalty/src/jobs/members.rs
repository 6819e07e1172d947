//! Tiers that time takes away.

use table::{Due, again, settled};
use wire::Fault;

use super::Desk;
use crate::letters;
use crate::members::{Member, Refusal, rules, store};

/// Judges the tier of a member anew, and tells of another one.
pub(super) async fn judge_tier(desk: &Desk, due: &Due) -> Result<(), Fault> {
    let (table, now) = (&desk.table, desk.clock.now());
    let done = again(async || {
        let Some(before) = table.get_strong::<Member>(&due.key()).await? else { return Ok(()) };
        let Some(after) = rules::look(&before, &desk.settings, now) else { return Ok(()) };
        let tx = store::change::<Refusal>(&before, &after);
        let changed = before.tier_level != after.tier_level;
        table
            .commit(if changed {
                tx.tell(letters::new_tier(&after, before.tier_level, &desk.settings))
            } else {
                tx
            })
            .await
    });
    settled(done.await)
}
