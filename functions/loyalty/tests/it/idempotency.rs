//! A request that comes again with its key.

use serde_json::{Value, json};
use testkit::{Answer, Person};

use crate::shop::{Shop, refused, told, with};

/// A request of the clerk with a key.
async fn keyed(shop: &Shop, method: &str, path: &str, key: &str, body: &Value) -> Answer {
    keyed_by(shop, &shop.clerk, method, path, key, body).await
}

async fn keyed_by(shop: &Shop, who: &Person, method: &str, path: &str, key: &str, body: &Value) -> Answer {
    shop.as_person(who, method, path).header("idempotency-key", key).json(body).send().await
}

/// Insists that an answer is another's repetition, and that it changed nothing.
#[track_caller]
fn assert_repeated(again: &Answer, first: &Answer) {
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert_eq!((again.header("idempotent-replayed"), first.header("idempotent-replayed")), ("true", ""));
}

/// What can be made, and with what.
async fn wishes(shop: &Shop) -> Vec<(&'static str, Value, Value)> {
    let sari = shop.member_with("Sari", 1000).await;
    let voucher = shop.voucher("KOPI20", 100, 5).await;
    let member =
        json!({ "name": "Budi", "email": "budi@mail.test", "phone": "1", "join_date": "2026-01-01" });
    let points = json!({ "member": sari, "transaction_type": "earn", "points": 5, "reference": "R-1" });
    let offer = json!({ "code": "TEH", "name": "Teh", "points_cost": 1, "start_date": "2026-03-01", "end_date": "2026-03-31" });
    vec![
        ("/members/", member, json!({ "name": "Bud" })),
        ("/points/", points, json!({ "points": 6 })),
        ("/vouchers/", offer, json!({ "stock": 6 })),
        ("/redeem/", json!({ "member": sari, "voucher": voucher }), json!({ "status": "Completed" })),
    ]
}

#[tokio::test]
async fn the_same_request_has_one_effect_and_one_answer() {
    let shop = Shop::open().await;
    for (path, wish, change) in wishes(&shop).await {
        let first = keyed(&shop, "POST", path, "till-7", &wish).await.expect(201);
        let before = shop.world.shelf().await;
        let mut turned: Vec<(String, Value)> = wish.as_object().unwrap().clone().into_iter().collect();
        turned.reverse();
        for body in [&wish, &Value::Object(turned.into_iter().collect())] {
            assert_repeated(&keyed(&shop, "POST", path, "till-7", body).await, &first);
        }
        assert_repeated(&keyed(&shop, "POST", path.trim_end_matches('/'), "till-7", &wish).await, &first);
        let other = keyed(&shop, "POST", path, "till-7", &with(&wish, &change)).await;
        told(other, 422, "This Idempotency-Key was used with a different request body.");
        let faulty = keyed(&shop, "POST", path, "till-7", &json!({})).await;
        told(faulty, 422, "This Idempotency-Key was used with a different request body.");
        let changed: Vec<String> =
            shop.world.shelf().await.changed_since(&before).into_iter().map(str::to_owned).collect();
        assert!(changed.iter().all(|key| key.starts_with("SEQUENCE#")), "{path} changed {changed:?}");
    }
    assert_eq!(shop.balance("MEM-001").await, 905);
}

#[tokio::test]
async fn a_key_is_its_callers_own_and_for_one_path() {
    let shop = Shop::open().await;
    let sari = shop.member("Sari").await;
    let earn = json!({ "member": sari, "transaction_type": "earn", "points": 5 });
    keyed(&shop, "POST", "/points/", "k", &earn).await.expect(201);
    let other = keyed_by(&shop, &shop.admin, "POST", "/points/", "k", &earn).await.expect(201);
    assert_eq!(
        (other.header("idempotent-replayed"), other.text_at("data.created_by").as_str()),
        ("", "boss")
    );
    keyed(&shop, "POST", "/points/", "K", &earn).await.expect(201);
    let member =
        json!({ "name": "Budi", "email": "budi@mail.test", "phone": "1", "join_date": "2026-01-01" });
    keyed(&shop, "POST", "/members/", "k", &member).await.expect(201);
    shop.earn(&sari, 1).await;
    shop.earn(&sari, 1).await;
    assert_eq!(shop.ledger(&sari).await, [1, 1, 5, 5, 5], "without a key each request counts");
}

#[tokio::test]
async fn the_first_answer_is_given_for_a_day() {
    let mut shop = Shop::open().await;
    let sari = shop.member("Sari").await;
    let earn = json!({ "member": sari, "transaction_type": "earn", "points": 5 });
    let first = keyed(&shop, "POST", "/points/", "k", &earn).await.expect(201);
    shop.at("2026-03-02T08:29:59Z").await;
    assert_repeated(&keyed(&shop, "POST", "/points/", "k", &earn).await, &first);
    shop.at("2026-03-02T08:30:00Z").await;
    let fresh = keyed(&shop, "POST", "/points/", "k", &earn).await.expect(201);
    assert_eq!(fresh.header("idempotent-replayed"), "");
    assert_repeated(&keyed(&shop, "POST", "/points/", "k", &earn).await, &fresh);
    assert_eq!(shop.balance(&sari).await, 10);
}

#[tokio::test]
async fn a_refusal_is_not_kept() {
    let shop = Shop::open().await;
    let sari = shop.member("Sari").await;
    let voucher = shop.voucher("KOPI20", 100, 5).await;
    let wish = json!({ "member": sari, "voucher": voucher });
    let poor = json!({ "member": ["Insufficient points for redemption"] });
    refused(keyed(&shop, "POST", "/redeem/", "k", &wish).await, poor);
    shop.earn(&sari, 100).await;
    let first = keyed(&shop, "POST", "/redeem/", "k", &wish).await.expect(201);
    // Once more it would be refused, but it was done, and that is the answer.
    assert_repeated(&keyed(&shop, "POST", "/redeem/", "k", &wish).await, &first);
    shop.remove(&format!("/members/{sari}/")).await.expect(200);
    assert_repeated(&keyed(&shop, "POST", "/redeem/", "k", &wish).await, &first);
    let form = json!({ "name": "Budi", "email": "", "phone": "1", "join_date": "2026-01-01" });
    refused(
        keyed(&shop, "POST", "/members/", "k", &form).await,
        json!({ "email": ["This field may not be blank."] }),
    );
    keyed(&shop, "POST", "/members/", "k", &with(&form, &json!({ "email": "b@mail.test" })))
        .await
        .expect(201);
}

#[tokio::test]
async fn steps_and_removals_are_repeated_as_well() {
    let shop = Shop::open().await;
    let sari = shop.member_with("Sari", 1000).await;
    let voucher = shop.voucher("KOPI20", 100, 5).await;
    for (step, body, state) in [
        ("cancel", json!({}), "Cancelled"),
        ("mark-used", json!({}), "Used"),
        ("update-status", json!({ "status": "Used" }), "Used"),
    ] {
        let path = format!("/redeem/{}/{step}/", shop.redeemed(&sari, &voucher).await);
        let first = keyed(&shop, "POST", &path, "k", &body).await.expect(200);
        assert_eq!(first.text_at("data.status"), state);
        assert_repeated(&keyed(&shop, "POST", &path, "k", &body).await, &first);
        shop.post(&path, body).await.expect(400);
    }
    assert_eq!(shop.ledger(&sari).await, [-100, -100, 100, -100, 1000]);
    for path in [format!("/vouchers/{voucher}/"), format!("/members/{sari}/")] {
        let first = keyed_by(&shop, &shop.admin, "DELETE", &path, "k", &json!({})).await.expect(200);
        assert_repeated(&keyed_by(&shop, &shop.admin, "DELETE", &path, "k", &json!({})).await, &first);
        told(keyed_by(&shop, &shop.admin, "DELETE", &path, "l", &json!({})).await, 404, "Not found.");
    }
}

#[tokio::test]
async fn whoever_may_no_longer_gets_nothing_more_done_with_a_key() {
    let shop = Shop::open().await;
    let sari = shop.member("Sari").await;
    let earn = json!({ "member": sari, "transaction_type": "earn", "points": 5 });
    keyed(&shop, "POST", "/points/", "k", &earn).await.expect(201);
    let path = format!("/auth/users/{}/", shop.clerk.id);
    for (change, status) in [(json!({ "role": "member" }), 403), (json!({ "status": "suspended" }), 401)] {
        shop.as_person(&shop.admin, "PATCH", &path).json(&change).send().await.expect(200);
        let before = shop.world.shelf().await;
        // Neither an effect, nor the answer that was given while the clerk was still one.
        for key in ["k", "l"] {
            let stopped = keyed(&shop, "POST", "/points/", key, &earn).await.expect(status);
            assert_eq!(stopped.header("idempotent-replayed"), "");
        }
        assert_eq!(shop.world.shelf().await.changed_since(&before), Vec::<&str>::new());
    }
}

#[tokio::test]
async fn keys_have_a_form_and_edits_need_none() {
    let shop = Shop::open().await;
    let sari = shop.member("Sari").await;
    let earn = json!({ "member": sari, "transaction_type": "earn", "points": 5 });
    for key in ["", "\u{e9}", &"k".repeat(256)] {
        let answer = keyed(&shop, "POST", "/points/", key, &earn).await;
        told(answer, 400, "Idempotency-Key must be 1 to 255 printable characters.");
    }
    keyed(&shop, "POST", "/points/", &"k".repeat(255), &earn).await.expect(201);
    let path = format!("/members/{sari}/");
    for name in ["A", "B"] {
        let edited = keyed(&shop, "PATCH", &path, "k", &json!({ "name": name })).await.expect(200);
        assert_eq!((edited.text_at("data.name").as_str(), edited.header("idempotent-replayed")), (name, ""));
    }
    keyed(&shop, "GET", &path, "", &json!({})).await.expect(200);
}
