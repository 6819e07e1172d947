//! What holds in the shop when the network, the table and the bank do what they do on a bad day.

mod shoppers;
mod weather;

use std::collections::BTreeSet;
use std::time::Duration;

use fastrand::Rng;
use futures_util::future::join_all;
use serde_json::json;
use testkit::{TROUBLE, bad_days};

use crate::till::Till;
use shoppers::{Shopper, Work};

/// How many shoppers are about at the same time, besides the staff.
const SHOPPERS: u64 = 2;

/// One bad day: people buy, use and ask for their money; and whatever was acknowledged is so at its end, once.
async fn bad_day(seed: u64) {
    let mut till = Till::open().await;
    let discount = till.discount("FOUR", json!({ "max_uses": 4, "max_uses_per_user": 2 })).await;
    till.world.faults.chance(seed, &TROUBLE);
    let works = {
        let people = [&till.ama, &till.kofi];
        let shoppers = (0..SHOPPERS).zip(people).map(|(number, who)| {
            Shopper { till: &till, who, rng: Rng::with_seed(seed * SHOPPERS + number), number, sent: 0 }
                .shops()
        });
        weather::during(&till, seed, join_all(shoppers)).await
    };
    weather::clears(&till);
    till.world.deliver_through_trouble(seed + 1, true).await;
    weather::settles(&till, seed);
    // All that was begun is over in two hours, whatever became of it.
    for _ in 0..4 {
        till.world.clock.advance(Duration::from_mins(40));
        till.world.minute().await;
    }
    till.sign_in().await;
    add_up(&till, &works, &discount).await;
    till.world.assert_it_was_a_bad_day();
}

async fn add_up(till: &Till, works: &[Work], discount: &str) {
    let sold = till.world.recount_prepaid_with_the_bank().await;
    for state in ["pending", "processing", "failed"] {
        let waiting = till.get(&till.staff, &format!("/admin/payments/?status={state}")).await.expect(200);
        assert_eq!(waiting.json["count"], 0, "{state} after hours: {waiting:?}");
    }
    let on_its_way = till.get(&till.staff, "/admin/refunds/?status=processing").await.expect(200);
    assert_eq!(on_its_way.json["count"], 0, "{on_its_way:?}");
    for work in works {
        for (payment, codes) in &work.bought {
            let found = till.payment(&till.staff, payment).await;
            assert_eq!(found["voucher_codes"], json!(codes), "what was acknowledged: {found}");
        }
        for intent in &work.paid {
            let found = till.at_bank(intent)["metadata"]["payment_id"].clone();
            let found = till.payment(&till.staff, found.as_str().unwrap()).await;
            assert!(
                matches!(found["status"].as_str(), Some("completed" | "refunded")),
                "paid at the bank: {found}"
            );
        }
    }
    let sum = |count: fn(&Work) -> usize| works.iter().map(count).sum::<usize>();
    let (uses, given_back) = (sum(|work| work.uses), sum(|work| work.rolled_back));
    assert_eq!(sold.uses, uses - given_back, "each acknowledged use is one use");
    assert!(sold.paid >= sum(|work| work.bought.len()) && sold.vouchers >= 2, "{sold:?}");
    assert!(till.uses_of(discount).await <= 4);
    let mails = till.world.mails();
    for (subject, reasons) in [("Your voucher purchase", sold.paid), ("Voucher redeemed", uses)] {
        let letters: Vec<&String> =
            mails.iter().filter(|(_, got, _)| got == subject).map(|(.., text)| text).collect();
        let told: BTreeSet<&String> = letters.iter().copied().collect();
        assert_eq!(told.len(), reasons, "each is told, and nothing else: {letters:?}");
        // A mailer that crashes between sending and noting it sends that one again.
        assert!(letters.len() <= reasons + 2, "told time and again: {letters:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_seeds_hold() {
    bad_days(0..7, bad_day).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_seeds_hold() {
    bad_days(7..14, bad_day).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_seeds_hold() {
    bad_days(14..20, bad_day).await;
}
