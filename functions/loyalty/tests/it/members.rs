//! Enrolling members and looking after them.

use std::time::Duration;

use serde_json::{Value, json};
use table::{Condition, Key, Update};

use loyalty::ids::Number;
use loyalty::members::{SERIES, store};

use crate::shop::{Shop, refused, told, with};

/// What somebody is enrolled with.
fn form() -> Value {
    json!({ "name": "Sari Wulan", "email": "sari@shop.test", "phone": "+62 811-222", "join_date": "2025-11-02" })
}

#[tokio::test]
async fn a_member_is_enrolled_as_told() {
    let shop = Shop::open().await;
    let body = json!({
        "name": "  Sari Wulan ", "email": "Sari.W@Shop.test", "phone": "+62 (811) 222-33", "join_date": "2025-11-02",
        "address": " Jl. Melati 9\n", "tier_level": "Gold", "status": "Inactive", "user_id": shop.visitor.id,
    });
    let made = shop.post("/members/", body).await.expect(201);
    let detail = json!({
        "id": "MEM-001", "name": "Sari Wulan", "email": "Sari.W@Shop.test", "phone": "+62 (811) 222-33",
        "address": "Jl. Melati 9", "join_date": "2025-11-02", "total_points": 0, "tier_level": "Gold",
        "status": "Inactive", "points_to_next_tier": 2500, "user_id": shop.visitor.id, "next_expiration": null,
        "created_at": "2026-03-01T08:30:00.000000Z", "updated_at": "2026-03-01T08:30:00.000000Z",
    });
    let said = json!({ "success": true, "message": "Member created successfully", "data": detail });
    assert_eq!(made.json, said);
    let shown = shop.get("/members/MEM-001/").await.expect(200);
    assert_eq!(shown.json, json!({ "success": true, "data": detail }));
    let item = shop.world.item(&store::living_key(Number(1))).await.unwrap();
    assert_eq!(item["email"].as_s().unwrap(), "Sari.W@Shop.test");
    assert_eq!((item["rev"].as_n().unwrap().as_str(), item["entries"].as_n().unwrap().as_str()), ("1", "0"));
    assert_eq!(item["user_id"].as_n().unwrap(), &shop.visitor.id);

    let plain = shop.post("/members/", form()).await.expect(201).json["data"].clone();
    let expected = json!({
        "id": "MEM-002", "address": "", "tier_level": "Bronze", "status": "Active", "points_to_next_tier": 500,
        "user_id": null, "total_points": 0,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(plain[name], *value, "{name}");
    }
}

/// Every fault of a single field, by what is sent for it.
fn faults() -> Vec<(&'static str, Value, String)> {
    let long = |n: usize| json!("x".repeat(n));
    let most = |n: usize| format!("Ensure this field has no more than {n} characters.");
    let (blank, null) = ("This field may not be blank.", "This field may not be null.");
    let (text, phone) = ("Not a valid string.", "Phone number must contain only digits, spaces, +, -, (, )");
    let date = "Date has wrong format. Use one of these formats instead: YYYY-MM-DD.";
    let mail = "Enter a valid email address.";
    let long_mail = json!(format!("{}@{}.test", "a".repeat(64), "b.".repeat(100) + "b"));
    let said = |name, value, text: &str| (name, value, text.to_owned());
    let mut faults = vec![
        ("name", long(256), most(255)),
        ("email", long_mail, most(254)),
        ("phone", json!("1".repeat(51)), most(50)),
        said("email", json!("sari"), mail),
        said("email", json!("sari@"), mail),
        said("email", json!("sari @shop.test"), mail),
        said("phone", json!("0811x"), phone),
        said("phone", json!("0811/22"), phone),
        said("join_date", json!("02-11-2025"), date),
        said("join_date", json!("2025-02-30"), date),
        said("join_date", json!("2025-11-02T08:00:00Z"), date),
        said("join_date", json!(""), date),
        said("join_date", json!(20_251_102), date),
        said("tier_level", json!("Diamond"), "\"Diamond\" is not a valid choice."),
        said("tier_level", json!("gold"), "\"gold\" is not a valid choice."),
        said("status", json!("Suspended"), "\"Suspended\" is not a valid choice."),
        said("status", json!(""), "\"\" is not a valid choice."),
        said("user_id", json!("nobody"), "Invalid pk \"nobody\" - object does not exist."),
        said("user_id", json!("12345"), "Invalid pk \"12345\" - object does not exist."),
        said("user_id", json!(12345), "Invalid pk \"12345\" - object does not exist."),
    ];
    for name in ["name", "email", "phone"] {
        faults.push(said(name, json!(""), blank));
        faults.push(said(name, json!("  "), blank));
    }
    for name in ["name", "email", "phone", "address", "user_id"] {
        faults.push(said(name, json!(["a"]), text));
        faults.push(said(name, json!(true), text));
    }
    for name in ["name", "email", "phone", "join_date", "address", "tier_level", "status"] {
        faults.push(said(name, Value::Null, null));
    }
    faults
}

#[tokio::test]
async fn every_field_has_its_limits() {
    let shop = Shop::open().await;
    let id = shop.member("Budi").await;
    let before = shop.world.shelf().await.only("member");
    for (name, value, text) in faults() {
        let mut body = form();
        body[name] = value.clone();
        refused(shop.post("/members/", body.clone()).await, json!({ name: [text] }));
        refused(shop.put(&format!("/members/{id}/"), body).await, json!({ name: [text] }));
        refused(
            shop.patch(&format!("/members/{id}/"), json!({ name: value })).await,
            json!({ name: [text] }),
        );
    }
    assert_eq!(shop.world.shelf().await.only("member"), before, "nothing was written");
    let brim = json!({ "name": "x".repeat(255), "phone": "1".repeat(50), "email": format!("{}@b.test", "a".repeat(247)) });
    let made = shop.post("/members/", with(&form(), &brim)).await.expect(201);
    assert_eq!(made.text_at("data.email").len(), 254);
    let number =
        shop.post("/members/", with(&form(), &json!({ "phone": 811_222, "name": 7 }))).await.expect(201);
    assert_eq!(
        (number.text_at("data.phone").as_str(), number.text_at("data.name").as_str()),
        ("811222", "7")
    );
}

#[tokio::test]
async fn all_faults_are_told_together() {
    let shop = Shop::open().await;
    let required = ["This field is required."];
    let nothing = json!({ "name": required, "email": required, "phone": required, "join_date": required });
    refused(shop.post("/members/", json!({})).await, nothing.clone());
    let id = shop.member("Budi").await;
    refused(shop.put(&format!("/members/{id}/"), json!({ "address": "Jl. Melati" })).await, nothing);
    let bad = json!({ "name": "", "email": "x", "phone": "y", "join_date": "z", "status": "?", "user_id": "nobody" });
    let told = json!({
        "name": ["This field may not be blank."],
        "email": ["Enter a valid email address."],
        "phone": ["Phone number must contain only digits, spaces, +, -, (, )"],
        "join_date": ["Date has wrong format. Use one of these formats instead: YYYY-MM-DD."],
        "status": ["\"?\" is not a valid choice."],
        "user_id": ["Invalid pk \"nobody\" - object does not exist."],
    });
    refused(shop.post("/members/", bad.clone()).await, told.clone());
    refused(shop.patch(&format!("/members/{id}/"), bad).await, told);
    // What others have already is told together as well.
    shop.link(&id, &shop.visitor).await;
    let email = json!(["Member with this email already exists."]);
    let both = json!({ "email": "budi@mail.test", "user_id": shop.visitor.id });
    let linked = json!(["This account is already linked to a member."]);
    refused(shop.post("/members/", with(&form(), &both)).await, json!({ "email": email, "user_id": linked }));
    let gone = json!({ "email": "budi@mail.test", "user_id": "12345" });
    let unknown = json!(["Invalid pk \"12345\" - object does not exist."]);
    refused(
        shop.post("/members/", with(&form(), &gone)).await,
        json!({ "email": email, "user_id": unknown }),
    );
}

#[tokio::test]
async fn an_address_is_one_members_whatever_its_case() {
    let shop = Shop::open().await;
    let sari = shop.post("/members/", form()).await.expect(201).text_at("data.id");
    let budi = shop.member("Budi").await;
    let taken = json!({ "email": ["Member with this email already exists."] });
    for email in ["sari@shop.test", "SARI@SHOP.TEST", " Sari@shop.Test "] {
        refused(shop.post("/members/", with(&form(), &json!({ "email": email }))).await, taken.clone());
        refused(shop.patch(&format!("/members/{budi}/"), json!({ "email": email })).await, taken.clone());
    }
    let own =
        shop.patch(&format!("/members/{sari}/"), json!({ "email": "Sari@Shop.Test" })).await.expect(200);
    assert_eq!(own.text_at("data.email"), "Sari@Shop.Test", "one's own is not taken");
    shop.put(&format!("/members/{sari}/"), form()).await.expect(200);
    // An address that was left is free, and so is that of somebody who left.
    shop.patch(&format!("/members/{sari}/"), json!({ "email": "wulan@shop.test" })).await.expect(200);
    shop.patch(&format!("/members/{budi}/"), json!({ "email": "SARI@shop.test" })).await.expect(200);
    shop.remove(&format!("/members/{budi}/")).await.expect(200);
    shop.post("/members/", form()).await.expect(201);
}

#[tokio::test]
async fn a_form_keeps_what_it_does_not_send() {
    let shop = Shop::open().await;
    let optional = json!({ "address": "Jl. Melati 9", "tier_level": "Gold", "status": "Inactive", "user_id": shop.visitor.id });
    shop.post("/members/", with(&form(), &optional)).await.expect(201);
    shop.world.clock.advance(Duration::from_secs(90));
    let sent = json!({ "name": "Sari Dewi", "email": "dewi@shop.test", "phone": "(021) 5", "join_date": "2025-12-01" });
    let answer = shop.put("/members/MEM-001/", sent.clone()).await.expect(200);
    assert_eq!(answer.json["message"], "Member updated successfully");
    let expected = json!({
        "id": "MEM-001", "total_points": 0, "points_to_next_tier": 2500, "next_expiration": null,
        "created_at": "2026-03-01T08:30:00.000000Z", "updated_at": "2026-03-01T08:31:30.000000Z",
    });
    let expected = with(&with(&sent, &optional), &expected);
    assert_eq!(with(&answer.json["data"], &json!({})), with(&expected, &json!({})));
    assert_eq!(answer.json["data"], shop.get("/members/MEM-001/").await.expect(200).json["data"]);

    let patched =
        shop.patch("/members/MEM-001/", json!({ "address": "", "user_id": null })).await.expect(200);
    let cleared = json!({ "address": "", "user_id": null });
    assert_eq!(with(&patched.json["data"], &json!({})), with(&expected, &cleared));
    shop.patch("/members/MEM-001/", json!({})).await.expect(200);
}

#[tokio::test]
async fn numbers_go_on_behind_the_thousandth_and_never_come_again() {
    let shop = Shop::open().await;
    let next = Update::when(Key::new(format!("SEQUENCE#{SERIES}"), "NEXT"), Condition::always());
    shop.world.table.apply(next.of_kind("sequence").set("last", 997), ()).await.unwrap();
    for (name, id) in [("Ann", "MEM-998"), ("Ben", "MEM-999"), ("Cyd", "MEM-1000"), ("Dan", "MEM-1001")] {
        assert_eq!(shop.member(name).await, id);
    }
    shop.remove("/members/MEM-1001/").await.expect(200);
    assert_eq!(shop.member("Eve").await, "MEM-1002");
    let ids: Vec<Value> = shop.get("/members/?ordering=id").await.expect(200).json["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].clone())
        .collect();
    assert_eq!(
        ids,
        ["MEM-998", "MEM-999", "MEM-1000", "MEM-1002"],
        "in the order of numbers, not of letters"
    );
    for other in ["mem-998", "MEM-0998", "998", "MEM-", "MEM-+998", "MEM-997"] {
        told(shop.get(&format!("/members/{other}/")).await, 404, "Not found.");
    }
}

#[tokio::test]
async fn an_account_is_linked_to_one_member() {
    let shop = Shop::open().await;
    let (sari, budi) = (shop.member("Sari").await, shop.member("Budi").await);
    let linked = |member: &str, account: Value| {
        let path = format!("/members/{member}/");
        let shop = &shop;
        async move { shop.patch(&path, json!({ "user_id": account })).await }
    };
    linked(&sari, json!(shop.visitor.id)).await.expect(200);
    let taken = json!({ "user_id": ["This account is already linked to a member."] });
    refused(linked(&budi, json!(shop.visitor.id)).await, taken);
    linked(&sari, json!(shop.visitor.id)).await.expect(200);
    let me = || async { shop.as_person(&shop.visitor, "GET", "/members/me/").send().await };
    assert_eq!(me().await.expect(200).json, shop.get(&format!("/members/{sari}/")).await.expect(200).json);
    // Another account takes its place, and the first is free.
    let other = shop.world.person("other", &[]).await;
    linked(&sari, json!(other.id)).await.expect(200);
    told(me().await, 404, "Not found.");
    linked(&budi, json!(shop.visitor.id)).await.expect(200);
    assert_eq!(me().await.expect(200).text_at("data.id"), budi);
    linked(&budi, Value::Null).await.expect(200);
    told(me().await, 404, "Not found.");
    // Whoever leaves frees the account.
    shop.remove(&format!("/members/{sari}/")).await.expect(200);
    linked(&budi, json!(other.id)).await.expect(200);
    // Staff may be members, too.
    told(shop.get("/members/me/").await, 404, "Not found.");
    shop.member("Clerk").await;
    linked("MEM-003", json!(shop.clerk.id)).await.expect(200);
    assert_eq!(shop.get("/members/me/").await.expect(200).text_at("data.id"), "MEM-003");
    // An equal address links nothing.
    let claimed = json!({ "email": "visitor@shop.test" });
    shop.post("/members/", with(&form(), &claimed)).await.expect(201);
    told(me().await, 404, "Not found.");
}

#[tokio::test]
async fn who_left_is_gone_and_the_history_stays() {
    let shop = Shop::open().await;
    let id = shop.member_with("Sari Wulan", 700).await;
    let other = shop.member_with("Budi", 40).await;
    let voucher = shop.voucher("KOPI20", 100, 5).await;
    let used = shop.redeem(&id, &voucher).await.expect(201).text_at("data.id");
    let taken_back = shop.redeem(&id, &voucher).await.expect(201).text_at("data.id");
    let gone = shop.remove(&format!("/members/{id}/")).await.expect(200);
    assert_eq!(gone.json, json!({ "success": true, "message": "Member deleted successfully" }));
    let path = format!("/members/{id}/");
    told(shop.get(&path).await, 404, "Not found.");
    told(shop.put(&path, form()).await, 404, "Not found.");
    told(shop.patch(&path, json!({ "name": "" })).await, 404, "Not found.");
    told(shop.remove(&path).await, 404, "Not found.");
    shop.world.settle().await;
    for query in
        ["", "?search=sari", "?search=mem-001", "?status=Active", "?ordering=total_points", "?min_points=500"]
    {
        let list = shop.get(&format!("/members/{query}")).await.expect(200);
        let rows = usize::from(!query.contains("sari") && !query.contains("001") && !query.contains("500"));
        assert_eq!(
            (list.json["count"].as_u64(), list.json["data"].as_array().unwrap().len()),
            (Some(rows as u64), rows),
            "{query}"
        );
    }
    let figures = shop.get("/members/statistics/").await.expect(200);
    assert_eq!(
        (&figures.json["data"]["total_members"], &figures.json["data"]["total_points"]),
        (&json!(1), &json!(40))
    );

    assert_eq!(shop.ledger(&id).await, [-100, -100, 700]);
    let entry = shop.get(&format!("/points/?member={id}&transaction_type=earn")).await.expect(200);
    assert_eq!(entry.json["results"][0]["member_name"], "Sari Wulan");
    assert_eq!(entry.json["results"][0]["member_email"], "sari.wulan@mail.test");
    let kept = shop.get(&format!("/redeem/?member={id}")).await.expect(200);
    assert_eq!(
        (&kept.json["count"], &kept.json["results"][0]["member_name"]),
        (&json!(2), &json!("Sari Wulan"))
    );
    shop.post(&format!("/redeem/{used}/mark-used/"), json!({})).await.expect(200);
    shop.post(&format!("/redeem/{taken_back}/cancel/"), json!({})).await.expect(200);
    assert_eq!(shop.ledger(&id).await, [100, -100, -100, 700]);
    assert_eq!(shop.stock(&voucher).await, 4);
    let points = shop.get(&format!("/points/statistics/?member={id}")).await.expect(200);
    assert_eq!(
        (&points.json["data"]["net_points"], &points.json["data"]["total_transactions"]),
        (&json!(600), &json!(4))
    );
    let held = shop.get("/members/statistics/").await.expect(200);
    assert_eq!(held.json["data"]["total_points"], 40, "a refund to whoever left counts nowhere");

    let unknown = json!({ "member": [format!("Invalid pk \"{id}\" - object does not exist.")] });
    let earn = json!({ "member": id, "transaction_type": "earn", "points": 5 });
    refused(shop.post("/points/", earn).await, unknown.clone());
    refused(shop.redeem(&id, &voucher).await, unknown);
    assert_eq!(shop.balance(&other).await, 40);
}

#[tokio::test]
async fn a_tier_set_by_hand_holds_until_the_balance_changes() {
    let shop = Shop::open().await;
    let id = shop.member_with("Sari", 600).await;
    let path = format!("/members/{id}/");
    let standing = || async {
        let data = shop.get(&path).await.expect(200).json["data"].clone();
        (data["tier_level"].as_str().unwrap().to_owned(), data["points_to_next_tier"].as_i64().unwrap())
    };
    for (tier, to_next) in [("Bronze", 0), ("Silver", 400), ("Gold", 1900), ("Platinum", 0)] {
        shop.patch(&path, json!({ "tier_level": tier })).await.expect(200);
        assert_eq!(standing().await, (tier.to_owned(), to_next));
    }
    shop.patch(&path, json!({ "phone": "1" })).await.expect(200);
    assert_eq!(standing().await.0, "Platinum", "an edit of something else is no change of the balance");
    let list = shop.get("/members/?tier_level=Platinum").await.expect(200);
    assert_eq!(list.json["count"], 1);
    for (points, tier, to_next) in
        [(-1, "Silver", 401), (401, "Gold", 1500), (1500, "Platinum", 0), (-2001, "Bronze", 1)]
    {
        let body = json!({ "member": id, "transaction_type": "adjustment", "points": points });
        shop.post("/points/", body).await.expect(201);
        assert_eq!(standing().await, (tier.to_owned(), to_next), "after {points}");
    }
    let figures = shop.get("/members/statistics/").await.expect(200).json["data"]["by_tier"].clone();
    assert_eq!(figures, json!({ "Bronze": 1, "Silver": 0, "Gold": 0, "Platinum": 0 }));
}
