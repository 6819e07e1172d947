//! What no body can set: everything that is stored besides the fields of a form.

use serde_json::{Map, Value, json};
use table::{Item, Key};

use loyalty::ids::{Number, Place};
use loyalty::members::store as members;
use loyalty::points::store::entry_key;
use loyalty::redeem::store::redemption_key;
use loyalty::vouchers::store::living_key;

use crate::shop::{Shop, with};

/// Attributes that a new row may lack.
const MORE: &[&str] = &[
    "deleted_at",
    "earned_by_month",
    "tier_kept_until",
    "tier_look",
    "user",
    "used_date",
    "stale_at",
    "sold_on",
    "sold",
    "reminded",
    "reminding",
    "swept",
    "ttl",
    "duepk",
    "duesk",
    "told",
    "points_to_next_tier",
    "member_id",
    "voucher_id",
    "is_available",
    "days_until_expiry",
    "redeem_date",
    "transaction_date",
    "points_used",
    "redemption_code",
    "created_by",
    "next_expiration",
    "created_at",
    "updated_at",
    "role",
    "password",
    "intent",
    "at",
    "status_code",
    "success",
];

/// Attributes in which any two rows differ.
const OWN: &[&str] = &[
    "pk",
    "sk",
    "gsi1sk",
    "gsi2pk",
    "gsi2sk",
    "duepk",
    "duesk",
    "id",
    "number",
    "running",
    "found_by",
    "told",
    "rev",
    "terms",
    "updated_at",
    "email",
    "code",
    "secret",
    "balance",
    "reference",
];

/// What is wanted, and with it every attribute of a stored row, none of which a form has.
fn greedy(stored: &Item, wish: &Value) -> Value {
    let names = stored.keys().map(String::as_str).chain(MORE.iter().copied());
    let all: Map<String, Value> = names.map(|name| (name.to_owned(), json!(77))).collect();
    with(&Value::Object(all), wish)
}

async fn item(shop: &Shop, key: Key) -> Item {
    shop.world.item(&key).await.unwrap()
}

#[track_caller]
fn assert_alike(one: &Item, other: &Item) {
    let strip = |item: &Item| {
        let mut item = item.clone();
        item.retain(|name, _| !OWN.contains(&name.as_str()));
        item
    };
    assert_eq!(strip(one), strip(other));
}

#[tokio::test]
async fn of_a_member() {
    let shop = Shop::open().await;
    let wish = |email: &str| {
        json!({
            "name": "Sari", "email": email, "phone": "1", "join_date": "2026-01-01", "address": "A",
            "tier_level": "Silver", "status": "Active", "user_id": null,
        })
    };
    shop.post("/members/", wish("a@mail.test")).await.expect(201);
    let plain = item(&shop, members::living_key(Number(1))).await;
    assert!(plain.len() > 20, "the whole row is there");
    shop.post("/members/", with(&greedy(&plain, &wish("b@mail.test")), &json!({ "user_id": null })))
        .await
        .expect(201);
    let second = item(&shop, members::living_key(Number(2))).await;
    assert_alike(&plain, &second);
    let mut put = greedy(&plain, &wish("b@mail.test"));
    put["user_id"] = Value::Null;
    shop.put("/members/MEM-002/", put.clone()).await.expect(200);
    shop.patch("/members/MEM-002/", put).await.expect(200);
    let edited = item(&shop, members::living_key(Number(2))).await;
    assert_alike(&plain, &edited);
    assert_eq!(
        (edited["number"].as_n().unwrap().as_str(), edited["rev"].as_n().unwrap().as_str()),
        ("2", "3")
    );
    assert_eq!(shop.balance("MEM-002").await, 0);
    assert_eq!(shop.get("/members/").await.expect(200).json["count"], 2, "no other row was touched");
}

#[tokio::test]
async fn of_a_point_transaction() {
    let shop = Shop::open().await;
    shop.member("Sari").await;
    let wish = json!({ "member": "MEM-001", "transaction_type": "earn", "points": 5, "description": "x" });
    let first = shop.post("/points/", wish.clone()).await.expect(201).text_at("data.id");
    let plain = item(&shop, entry_key(Place::of(&first).unwrap())).await;
    let wish = with(&wish, &json!({ "reference": "R-1" }));
    let second = shop.post("/points/", greedy(&plain, &wish)).await.expect(201).text_at("data.id");
    let greedy = item(&shop, entry_key(Place::of(&second).unwrap())).await;
    assert_alike(&plain, &greedy);
    assert_eq!(greedy["created_by"].as_s().unwrap(), "staff1");
    assert_eq!((shop.balance("MEM-001").await, greedy["balance"].as_n().unwrap().as_str()), (10, "10"));
}

#[tokio::test]
async fn of_a_voucher() {
    let shop = Shop::open().await;
    let wish = |code: &str| {
        json!({
            "code": code, "name": "Kopi", "description": "x", "type": "freebie", "discount_value": "1.00", "stock": 5,
            "points_cost": 10, "start_date": "2026-03-01", "end_date": "2026-03-31", "status": "Active",
            "limit_per_member": 2, "limit_per_day": 2, "minimum_tier": "Bronze",
        })
    };
    let first = shop.post("/vouchers/", wish("A")).await.expect(201).text_at("data.id");
    let plain = item(&shop, living_key(&first)).await;
    let second = shop.post("/vouchers/", greedy(&plain, &wish("B"))).await.expect(201).text_at("data.id");
    assert_ne!(second, "77");
    assert_alike(&plain, &item(&shop, living_key(&second)).await);
    let path = format!("/vouchers/{second}/");
    shop.put(&path, greedy(&plain, &wish("B"))).await.expect(200);
    shop.patch(&path, greedy(&plain, &wish("B"))).await.expect(200);
    let edited = item(&shop, living_key(&second)).await;
    assert_alike(&plain, &edited);
    assert_eq!(edited["terms"].as_n().unwrap(), "3");
}

#[tokio::test]
async fn of_a_redemption() {
    let shop = Shop::open().await;
    let sari = shop.member_with("Sari", 1000).await;
    let voucher = shop.voucher("KOPI20", 100, 5).await;
    let wish = json!({ "member": sari, "voucher": voucher, "status": "Pending" });
    let first = shop.post("/redeem/", wish.clone()).await.expect(201).text_at("data.id");
    let key = |id: &str| redemption_key(Place::of(id).unwrap());
    let plain = item(&shop, key(&first)).await;
    let second = shop.post("/redeem/", greedy(&plain, &wish)).await.expect(201).text_at("data.id");
    assert_alike(&plain, &item(&shop, key(&second)).await);
    let done = greedy(&plain, &json!({ "status": "Completed" }));
    shop.put(&format!("/redeem/{second}/"), done.clone()).await.expect(200);
    shop.put(&format!("/redeem/{first}/"), json!({ "status": "Completed" })).await.expect(200);
    assert_alike(&item(&shop, key(&first)).await, &item(&shop, key(&second)).await);
    shop.post(&format!("/redeem/{second}/cancel/"), done.clone()).await.expect(200);
    shop.post(&format!("/redeem/{first}/cancel/"), json!({})).await.expect(200);
    assert_alike(&item(&shop, key(&first)).await, &item(&shop, key(&second)).await);
    assert_eq!(shop.balance(&sari).await, 1000);
}
