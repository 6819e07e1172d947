//! The bank's weather: it changes all the time.

use std::time::Duration;

use fastrand::Rng;
use standins::stripe::Trouble;

use crate::days::text;
use crate::till::Till;

/// Does something while the bank has one trouble after the other, drawn from a seed, and tells what it came to.
pub(super) async fn during<T>(till: &Till, seed: u64, work: impl Future<Output = T>) -> T {
    let mut rng = Rng::with_seed(seed);
    let changing = async {
        loop {
            till.meets(Trouble {
                lost_answers: rng.u32(0..3),
                unavailable: rng.u32(0..10) == 0,
                slow: Duration::from_millis(rng.u64(0..30)),
                events_held: rng.u32(0..3) == 0,
                events_twice: rng.bool(),
                events_reversed: rng.bool(),
                refunds_wait: rng.u32(0..3) == 0,
            });
            tokio::time::sleep(Duration::from_millis(rng.u64(20..120))).await;
            // Now and then things are delivered, as far as that goes.
            if rng.u32(0..5) == 0 {
                let _ = till.world.whole.deliver_payments().await;
                let _ = till.world.whole.deliver_changes().await;
                let _ = till.world.whole.deliver_messages().await;
            }
        }
    };
    tokio::select! {
        () = changing => unreachable!("weather has no end"),
        done = work => done,
    }
}

/// Nothing is lost or held any more; but all is told twice, and the last first.
pub(super) fn clears(till: &Till) {
    till.meets(Trouble { events_twice: true, events_reversed: true, ..Trouble::default() });
}

/// What takes its time at the bank arrives, or comes back.
pub(super) fn settles(till: &Till, seed: u64) {
    let (bank, mut rng) = (till.bank(), Rng::with_seed(seed));
    let waiting = |kind: &str, status: &str| {
        let all = bank.all(kind).unwrap().into_iter().filter(|object| object["status"] == status);
        all.map(|object| text(&object["id"])).collect::<Vec<_>>()
    };
    for refund in waiting("refund", "pending") {
        bank.settle_refund(&refund, rng.u32(0..3) > 0).unwrap();
    }
    for intent in waiting("payment_intent", "processing") {
        bank.clear(&intent, rng.bool()).unwrap();
    }
}
