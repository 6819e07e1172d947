//! What is done behind the queue: what time brings, what Stripe tells, and the letters that are to be written.
//!
//! Each job finds its row again, judges it, and settles it by condition. Reading is right without any of them.

mod events;
mod letters;
mod payments;
mod refunds;
mod vouchers;

use serde::Deserialize;
use stripe::Notice;
use table::Due;
use wire::Fault;

use crate::Prepaid;
use crate::letters::Told;

/// An owner is to be reminded that a voucher ends.
pub const VOUCHER_REMIND: &str = "voucher-remind";
/// A voucher has ended.
pub const VOUCHER_EXPIRE: &str = "voucher-expire";
/// A payment has not been settled for a while.
pub const PAYMENT_CHECK: &str = "payment-check";
/// A gift is to be sent.
pub const GIFT_SEND: &str = "gift-send";
/// A refund has not arrived for a while.
pub const REFUND_CHECK: &str = "refund-check";

/// A message: of the clock, or one that was promised in a write.
#[derive(Deserialize)]
struct Message {
    due: Option<Due>,
    id: Option<String>,
    body: Option<Work>,
}

/// What was promised in a write.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Work {
    /// Stripe told something.
    Stripe(Notice),
    /// A letter is to be written.
    Letter(Told),
}

impl Prepaid {
    /// Does what a message asks for. Done twice, it has the effect of once; come too early, it has none.
    pub async fn work(&self, body: String) -> Result<(), Fault> {
        let unread = || Fault::bug("the body of a record names no work");
        let message: Message = serde_json::from_str(&body).map_err(|_| unread())?;
        match (message.due, message.id, message.body) {
            (Some(due), ..) => self.settle_due(&due).await,
            (None, _, Some(Work::Stripe(notice))) => events::take(self, &notice).await,
            (None, Some(id), Some(Work::Letter(told))) => letters::write(self, &id, told).await,
            _ => Err(unread()),
        }
    }

    async fn settle_due(&self, due: &Due) -> Result<(), Fault> {
        match due.what.as_str() {
            VOUCHER_REMIND => vouchers::remind(self, due).await,
            VOUCHER_EXPIRE => vouchers::expire(self, due).await,
            PAYMENT_CHECK => payments::check(self, due).await,
            GIFT_SEND => payments::send_gift(self, due).await,
            REFUND_CHECK => refunds::check(self, due).await,
            other => Err(Fault::bug(format!("nobody knows what to do for {other:?}"))),
        }
    }
}
