//! What time brings: each job finds its row again, judges it, and settles it by condition.

mod lots;
mod members;
mod redemptions;
mod vouchers;

use serde::Deserialize;
use table::Due;
use wire::Fault;

use crate::Loyalty;

/// Who books what nobody booked.
pub const SYSTEM: &str = "system";

/// A redemption has been pending for too long.
pub const REDEMPTION_STALE: &str = "redemption-stale";
/// A voucher is about to end.
pub const VOUCHER_REMIND: &str = "voucher-remind";
/// A voucher has ended.
pub const VOUCHER_EXPIRE: &str = "voucher-expire";
/// Points are about to expire.
pub const LOT_NOTICE: &str = "lot-notice";
/// Points have expired.
pub const LOT_EXPIRE: &str = "lot-expire";
/// Time alone may have changed a tier.
pub const MEMBER_TIER: &str = "member-tier";

/// A message of the clock.
#[derive(Deserialize)]
struct Work {
    due: Due,
}

impl Loyalty {
    /// Does what a message asks for. Done twice, it has the effect of once; come too early, it has none.
    pub async fn work(&self, body: String) -> Result<(), Fault> {
        let Work { due } =
            serde_json::from_str(&body).map_err(|_| Fault::bug("the body of a record names nothing due"))?;
        match due.what.as_str() {
            REDEMPTION_STALE => redemptions::cancel_stale(self, &due).await,
            VOUCHER_REMIND => vouchers::remind(self, &due).await,
            VOUCHER_EXPIRE => vouchers::expire(self, &due).await,
            LOT_NOTICE => lots::notice(self, &due).await,
            LOT_EXPIRE => lots::expire(self, &due).await,
            MEMBER_TIER => members::judge_tier(self, &due).await,
            other => Err(Fault::bug(format!("nobody knows what to do for {other:?}"))),
        }
    }
}
