//! What does not add up is noticed.

use std::sync::Arc;

use serde_json::{Value, json};
use table::{Condition, Key, Tx, Update};
use testkit::with;

use crate::days::codes;
use crate::till::Till;

/// Adds to a number past everything that keeps it right.
async fn tamper(till: &Till, key: &Key, name: &str, by: i64) {
    let update = Update::when(key.clone(), Condition::exists()).add(name, by);
    till.world.table.commit(Tx::new().update(update, ())).await.unwrap();
}

/// The key of the first row of a kind.
async fn first(till: &Till, kind: &str) -> Key {
    let text = |item: &Value, name: &str| item[name]["S"].as_str().unwrap().to_owned();
    let shelf = till.world.shelf().await;
    let keys = shelf.of_kind(kind).map(|item| Key::new(text(item, "pk"), text(item, "sk")));
    let mut keys = keys.filter(|key| key.pk().contains("PREPAID#"));
    keys.next().unwrap_or_else(|| panic!("nothing of the kind {kind}"))
}

#[tokio::test]
async fn whatever_does_not_add_up_is_noticed() {
    let till = Till::open().await;
    till.discount("TEN", json!({})).await;
    let order = with(&till.order(), &json!({ "discount_code": "TEN" }));
    let bought = till.post(&till.ama, "/vouchers/purchase/", order).await.expect(201);
    till.redeems(&till.ama, &codes(&bought)[0]).await.expect(200);
    till.world.settle().await;
    let figures = till.world.partition("TALLY#PREPAID#FIGURES").await;
    let tally = table::key_of(&figures[0]).unwrap();
    let (voucher, payment) = (first(&till, "voucher").await, first(&till, "payment").await);
    let (discount, uses) = (first(&till, "discount").await, first(&till, "discount_use").await);
    let till = Arc::new(till);
    assert_eq!(till.world.recount_prepaid_with_the_bank().await.uses, 1);
    for (key, name) in [
        (&voucher, "usage_count"),
        (&payment, "quantity"),
        (&discount, "current_uses"),
        (&uses, "uses"),
        (&tally, "revenue"),
        (&tally, "uses"),
    ] {
        tamper(&till, key, name, 1).await;
        let counting = tokio::spawn({
            let till = till.clone();
            async move { till.world.recount_prepaid_with_the_bank().await }
        });
        assert!(counting.await.is_err(), "{name} of {key:?}");
        tamper(&till, key, name, -1).await;
    }
    // What the bank charged and gave back is asked as well.
    let intent = bought.text_at("payment.stripe_payment_intent_id");
    till.bank().alter(&intent, |intent| intent["status"] = json!("canceled")).unwrap();
    let counting = tokio::spawn({
        let till = till.clone();
        async move { till.world.recount_prepaid_with_the_bank().await }
    });
    assert!(counting.await.is_err(), "delivered, and never charged");
    till.bank().alter(&intent, |intent| intent["status"] = json!("succeeded")).unwrap();
    till.world.recount_prepaid_with_the_bank().await;
}
