//! Booking points, and the ledger.

use std::time::Duration;

use serde_json::{Value, json};
use table::{Condition, Tx, Update};

use loyalty::ids::{Number, Place, Series};
use loyalty::members::store::living_key;
use loyalty::points::store::entry_key;
use loyalty::points::{Entry, Kind};

use crate::shop::{Shop, refused, told, with};

/// What is booked.
fn booking(member: &str, kind: &str, points: impl Into<Value>) -> Value {
    json!({ "member": member, "transaction_type": kind, "points": points.into() })
}

#[tokio::test]
async fn points_are_booked_as_told_by_whoever_books_them() {
    let shop = Shop::open().await;
    shop.member("Sari Wulan").await;
    let more = json!({ "description": " Receipt 8841 ", "reference": "R-8841" });
    let made = shop.post("/points/", with(&booking("MEM-001", "earn", 120), &more)).await.expect(201);
    let id = made.text_at("data.id");
    let detail = json!({
        "id": id, "member": "MEM-001", "member_id": "MEM-001", "member_name": "Sari Wulan",
        "member_email": "sari.wulan@mail.test", "transaction_type": "earn", "type": "earn", "points": 120,
        "description": "Receipt 8841", "transaction_date": "2026-03-01T08:30:00.000000Z",
        "created_by": "staff1", "created_at": "2026-03-01T08:30:00.000000Z", "reference": "R-8841",
    });
    let said =
        json!({ "success": true, "message": "Point transaction created successfully", "data": detail });
    assert_eq!(made.json, said);
    let shown = shop.get(&format!("/points/{id}/")).await.expect(200);
    assert_eq!(shown.json, json!({ "success": true, "data": detail }));
    for list in ["/points/", "/points/?member=MEM-001"] {
        assert_eq!(shop.get(list).await.expect(200).json["results"], json!([detail]));
    }
    let ledger = shop.get("/points/member/MEM-001/").await.expect(200);
    assert_eq!(ledger.json, json!({ "success": true, "data": [detail], "count": 1 }));
    let item = shop
        .world
        .item(&entry_key(Place { series: Series::Points, member: Number(1), running: 1 }))
        .await
        .unwrap();
    assert_eq!(
        (item["points"].as_n().unwrap().as_str(), item["balance"].as_n().unwrap().as_str()),
        ("120", "120")
    );

    let by_admin = shop.as_person(&shop.admin, "POST", "/points/").json(&booking("MEM-001", "earn", 1));
    let plain = by_admin.send().await.expect(201).json["data"].clone();
    assert_eq!(
        (&plain["created_by"], &plain["description"], &plain["reference"]),
        (&json!("boss"), &json!(""), &Value::Null)
    );
    for id in ["0", "pt_9", "550e8400-e29b-41d4-a716-446655440000", "member"] {
        told(shop.get(&format!("/points/{id}/")).await, 404, "Not found.");
    }
}

#[tokio::test]
async fn the_kind_fixes_the_sign_and_tiers_follow() {
    let shop = Shop::open().await;
    let id = shop.member("Sari").await;
    for (kind, sent, booked, balance, tier) in [
        ("earn", 499, 499, 499, "Bronze"),
        ("earn", -1, 1, 500, "Silver"),
        ("adjustment", 500, 500, 1000, "Gold"),
        ("redeem", 1, -1, 999, "Silver"),
        ("redeem", -99, -99, 900, "Silver"),
        ("earn", 1600, 1600, 2500, "Platinum"),
        ("expire", 1, -1, 2499, "Gold"),
        ("expire", -1999, -1999, 500, "Silver"),
        ("adjustment", -500, -500, 0, "Bronze"),
    ] {
        shop.world.clock.advance(Duration::from_secs(1));
        let made = shop.post("/points/", booking(&id, kind, sent)).await.expect(201);
        assert_eq!(made.json["data"]["points"], booked, "{kind} {sent}");
        let member = shop.get(&format!("/members/{id}/")).await.expect(200).json["data"].clone();
        assert_eq!(
            (member["total_points"].as_i64(), member["tier_level"].as_str()),
            (Some(balance), Some(tier))
        );
        assert_eq!(member["updated_at"], made.json["data"]["created_at"]);
    }
    assert_eq!(shop.ledger(&id).await, [-500, -1999, -1, 1600, -99, -1, 500, 1, 499]);
}

#[tokio::test]
async fn every_field_has_its_limits() {
    let shop = Shop::open().await;
    let id = shop.member_with("Sari", 100).await;
    let integer = "A valid integer is required.";
    let (null, blank, text) =
        ("This field may not be null.", "This field may not be blank.", "Not a valid string.");
    let cases = [
        ("member", json!("MEM-999"), "Invalid pk \"MEM-999\" - object does not exist."),
        ("member", json!("mem-001"), "Invalid pk \"mem-001\" - object does not exist."),
        ("member", json!(1), "Invalid pk \"1\" - object does not exist."),
        ("member", json!(""), blank),
        ("member", Value::Null, null),
        ("member", json!(["MEM-001"]), text),
        ("transaction_type", json!("gift"), "\"gift\" is not a valid choice."),
        ("transaction_type", json!("Earn"), "\"Earn\" is not a valid choice."),
        ("transaction_type", json!(7), "\"7\" is not a valid choice."),
        ("transaction_type", Value::Null, null),
        ("points", json!(0), "Points must not be zero."),
        ("points", json!("0"), "Points must not be zero."),
        ("points", json!(1.5), integer),
        ("points", json!("1.5"), integer),
        ("points", json!("many"), integer),
        ("points", json!(""), integer),
        ("points", json!(true), integer),
        ("points", json!([5]), integer),
        ("points", Value::Null, null),
        ("points", json!(2_147_483_648_i64), "Ensure this value is less than or equal to 2147483647."),
        ("points", json!("99999999999999999999"), "Ensure this value is less than or equal to 2147483647."),
        ("points", json!(-2_147_483_649_i64), "Ensure this value is greater than or equal to -2147483648."),
        ("points", json!(2_147_483_647), "Ensure the balance is less than or equal to 2147483647."),
        ("description", json!("x".repeat(1001)), "Ensure this field has no more than 1000 characters."),
        ("description", Value::Null, null),
        ("description", json!({}), text),
        ("reference", json!("x".repeat(101)), "Ensure this field has no more than 100 characters."),
        ("reference", json!(" "), blank),
        ("reference", json!(false), text),
    ];
    for (name, value, said) in cases {
        let mut body = booking(&id, "earn", 5);
        body[name] = value;
        refused(shop.post("/points/", body).await, json!({ name: [said] }));
    }
    for points in [json!("7"), json!(" 7 "), json!(7.0), json!("+7")] {
        assert_eq!(
            shop.post("/points/", booking(&id, "earn", points)).await.expect(201).json["data"]["points"],
            7
        );
    }
    let short = json!({ "points": ["Insufficient points"] });
    for (kind, points) in [("redeem", 129), ("expire", 129), ("adjustment", -129)] {
        refused(shop.post("/points/", booking(&id, kind, points)).await, short.clone());
    }
    assert_eq!((shop.balance(&id).await, shop.ledger(&id).await), (128, vec![7, 7, 7, 7, 100]));
    shop.post("/points/", booking(&id, "redeem", 128)).await.expect(201);
    shop.post("/points/", booking(&id, "adjustment", 2_147_483_647)).await.expect(201);
    assert_eq!(shop.balance(&id).await, 2_147_483_647);
}

#[tokio::test]
async fn all_faults_are_told_together() {
    let shop = Shop::open().await;
    let required = json!(["This field is required."]);
    let nothing = json!({ "member": required, "transaction_type": required, "points": required });
    refused(shop.post("/points/", json!({})).await, nothing);
    let unknown = json!(["Invalid pk \"MEM-009\" - object does not exist."]);
    let choice = json!(["\"gift\" is not a valid choice."]);
    let told =
        json!({ "member": unknown, "transaction_type": choice, "points": ["A valid integer is required."] });
    refused(shop.post("/points/", booking("MEM-009", "gift", "x")).await, told);
    let zero = json!(["Points must not be zero."]);
    let told = json!({ "member": unknown, "transaction_type": choice, "points": zero });
    refused(shop.post("/points/", booking("MEM-009", "gift", 0)).await, told);
    refused(
        shop.post("/points/", booking("MEM-009", "earn", 0)).await,
        json!({ "member": unknown, "points": zero }),
    );
}

#[tokio::test]
async fn the_balance_is_what_the_ledger_sums_up_to() {
    let shop = Shop::open().await;
    let id = shop.member("Sari").await;
    let voucher = shop.voucher("KOPI20", 130, 3).await;
    let kinds = ["earn", "redeem", "adjustment", "expire"];
    let mut refusals = 0;
    for n in 0_i64..40 {
        let points = (n * 7919) % 401 - 200;
        let kind = kinds[usize::try_from(n * 31 % 4).unwrap()];
        let answer = shop.post("/points/", booking(&id, kind, points)).await;
        refusals += i32::from(answer.status == 400);
        if n % 9 == 0 {
            let redeemed = shop.redeem(&id, &voucher).await;
            if n % 2 == 0 && redeemed.status == 201 {
                let path = format!("/redeem/{}/cancel/", redeemed.text_at("data.id"));
                shop.post(&path, json!({})).await.expect(200);
            }
        }
        let sum: i64 = shop.ledger(&id).await.iter().sum();
        assert_eq!((shop.balance(&id).await, sum >= 0), (sum, true), "after {n}");
    }
    assert!((4..30).contains(&refusals), "{refusals} were refused");
    let figures = shop.get("/points/statistics/").await.expect(200).json["data"].clone();
    assert_eq!(figures["net_points"], shop.balance(&id).await);
    assert_eq!(figures["total_transactions"], shop.ledger(&id).await.len());
}

#[tokio::test]
async fn whoever_is_inactive_is_still_corrected() {
    let shop = Shop::open().await;
    let id = shop.member_with("Sari", 100).await;
    shop.patch(&format!("/members/{id}/"), json!({ "status": "Inactive" })).await.expect(200);
    shop.post("/points/", booking(&id, "adjustment", -40)).await.expect(201);
    shop.earn(&id, 5).await;
    assert_eq!(shop.balance(&id).await, 65);
}

#[tokio::test]
async fn points_are_earned_for_a_reference_once() {
    let shop = Shop::open().await;
    let (sari, budi) = (shop.member("Sari").await, shop.member("Budi").await);
    let book = |member: &str, kind: &str, reference: &str| {
        let (shop, body) = (&shop, with(&booking(member, kind, 50), &json!({ "reference": reference })));
        async move { shop.post("/points/", body).await }
    };
    book(&sari, "earn", "R-1").await.expect(201);
    let taken = json!({ "reference": ["A transaction with this reference already exists."] });
    refused(book(&sari, "earn", "R-1").await, taken.clone());
    refused(book(&sari, "earn", " R-1 ").await, taken.clone());
    refused(book(&budi, "earn", "R-1").await, taken);
    book(&budi, "earn", "r-1").await.expect(201);
    // What else happens to a receipt may happen more than once.
    for kind in ["adjustment", "redeem", "adjustment"] {
        assert_eq!(book(&sari, kind, "R-1").await.expect(201).text_at("data.reference"), "R-1");
    }
    assert_eq!((shop.balance(&sari).await, shop.balance(&budi).await), (100, 50));
}

#[tokio::test]
async fn the_ledger_is_only_added_to() {
    let shop = Shop::open().await;
    let id = shop.member("Sari").await;
    let entry = shop.post("/points/", booking(&id, "earn", 5)).await.expect(201).text_at("data.id");
    for method in ["PUT", "PATCH", "DELETE"] {
        for person in [&shop.admin, &shop.clerk, &shop.visitor] {
            let call =
                shop.as_person(person, method, &format!("/points/{entry}/")).json(&json!({ "points": 9 }));
            told(call.send().await, 405, &format!("Method \"{method}\" not allowed."));
        }
    }
    assert_eq!(shop.ledger(&id).await, [5]);
}

#[tokio::test]
async fn entries_keep_the_name_of_their_time() {
    let shop = Shop::open().await;
    let id = shop.member_with("Sari Wulan", 5).await;
    shop.patch(&format!("/members/{id}/"), json!({ "name": "Sari Dewi", "email": "dewi@shop.test" }))
        .await
        .expect(200);
    shop.earn(&id, 6).await;
    let ledger = shop.get(&format!("/points/member/{id}/")).await.expect(200);
    let names =
        ["/data/0/member_name", "/data/0/member_email", "/data/1/member_name", "/data/1/member_email"];
    let names: Vec<&str> =
        names.iter().map(|at| ledger.json.pointer(at).unwrap().as_str().unwrap()).collect();
    assert_eq!(names, ["Sari Dewi", "dewi@shop.test", "Sari Wulan", "sari.wulan@mail.test"]);
}

#[tokio::test]
async fn dates_bound_the_list_and_include_their_whole_day() {
    let mut shop = Shop::open().await;
    let id = shop.member("Sari").await;
    for (points, time) in (1..).zip(["01T08:30", "01T16:30", "02T00:30", "02T08:30", "02T16:30"]) {
        shop.at(&format!("2026-03-{time}:00Z")).await;
        shop.earn(&id, points).await;
    }
    for (query, expected) in [
        ("date_from=2026-03-02", vec![5, 4, 3]),
        ("date_to=2026-03-01", vec![2, 1]),
        ("date_from=2026-03-02&date_to=2026-03-02", vec![5, 4, 3]),
        ("date_from=2026-03-01T16:30:00Z&date_to=2026-03-02T00:30:00Z", vec![3, 2]),
        ("date_from=2026-03-01T16:30:00.000001Z", vec![5, 4, 3]),
        ("date_from=2026-03-02T07:30:00%2B07:00", vec![5, 4, 3]),
        ("date_to=2026-03-01T16:29:59Z&transaction_type=earn", vec![1]),
        ("date_from=2026-03-03", vec![]),
        ("date_from=2026-03-02&date_to=2026-03-01", vec![]),
    ] {
        for of in ["", "&member=MEM-001"] {
            let list = shop.get(&format!("/points/?{query}{of}")).await.expect(200);
            let points: Vec<i64> = list.json["results"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["points"].as_i64().unwrap())
                .collect();
            assert_eq!(
                (&points, list.json["count"].as_u64()),
                (&expected, Some(expected.len() as u64)),
                "{query}{of}"
            );
        }
    }
    let bad = json!({ "date_from": ["Enter a valid date/time."], "date_to": ["Enter a valid date/time."] });
    refused(shop.get("/points/?date_from=yesterday&date_to=2026-13-01").await, bad);
}

#[tokio::test]
async fn a_long_ledger_has_pages_of_a_thousand() {
    let shop = Shop::open().await;
    let id = shop.member("Sari").await;
    told(shop.get(&format!("/points/member/{id}/?page=2")).await, 404, "Invalid page.");
    for unknown in ["MEM-404", "nobody", "mem-001"] {
        let ledger = shop.get(&format!("/points/member/{unknown}/")).await.expect(200);
        assert_eq!(ledger.json, json!({ "success": true, "data": [], "count": 0 }));
    }
    let at = shop.world.clock.now();
    let entries: Vec<Entry> = (1..=1203).map(|running| entry(running, at)).collect();
    for some in entries.chunks(100) {
        let tx = some.iter().fold(Tx::<()>::new(), Tx::append);
        shop.world.table.commit(tx).await.unwrap();
    }
    // How many there are, the member says.
    let counted = Update::when(living_key(Number(1)), Condition::exists()).add("entries", 1203);
    shop.world.table.commit(Tx::new().update(counted, ())).await.unwrap();
    let path = format!("/points/member/{id}/");
    let whole = shop.get(&path).await.expect(200);
    let running = |page: &Value| -> Vec<i64> {
        page["data"].as_array().unwrap().iter().map(|row| row["points"].as_i64().unwrap()).collect()
    };
    assert_eq!(running(&whole.json), (204..=1203).rev().collect::<Vec<i64>>());
    assert_eq!((whole.json["count"].as_u64(), whole.json.get("previous")), (Some(1203), None));
    let follow = |link: String| {
        let path = link.strip_prefix("http://mercato.test").unwrap().to_owned();
        shop.world.get(&path).bearer(&shop.clerk.access).send()
    };
    let rest = follow(whole.text_at("next")).await.expect(200);
    assert_eq!(running(&rest.json), (1..=203).rev().collect::<Vec<i64>>());
    assert_eq!((rest.json["count"].as_u64(), rest.json.get("next")), (Some(1203), None));
    let back = follow(rest.text_at("previous")).await.expect(200);
    assert_eq!(running(&back.json), running(&whole.json));
    let second = shop.get(&format!("{path}?page=2&page_size=500")).await.expect(200);
    assert_eq!(running(&second.json), (204..=703).rev().collect::<Vec<i64>>());
    assert!(second.text_at("next").starts_with("http://mercato.test/api/loyalty/points/member/MEM-001/?"));
    assert!(second.json["previous"].is_string());
    told(shop.get(&format!("{path}?page=4&page_size=500")).await, 404, "Invalid page.");
}

fn entry(running: u32, at: wire::Stamp) -> Entry {
    let place = Place { series: Series::Points, member: Number(1), running };
    Entry {
        id: place.id(at),
        member: 1,
        running,
        member_name: "Sari".to_owned(),
        member_email: "sari@mail.test".to_owned(),
        kind: Kind::Earn,
        points: i64::from(running),
        balance: 0,
        description: String::new(),
        reference: None,
        created_by: "staff1".to_owned(),
        at,
    }
}

#[tokio::test]
async fn older_clients_say_it_in_their_own_words() {
    let shop = Shop::open().await;
    let (sari, budi) = (shop.member("Sari").await, shop.member("Budi").await);
    let old = json!({ "memberId": sari, "type": "earn", "points": 5 });
    let made = shop.post("/points/", old).await.expect(201);
    assert_eq!(
        (made.text_at("data.member"), made.text_at("data.transaction_type")),
        (sari.clone(), "earn".to_owned())
    );
    let both = json!({ "member": budi, "memberId": sari, "transaction_type": "adjustment", "type": "earn", "points": 6 });
    let made = shop.post("/points/", both).await.expect(201);
    assert_eq!((made.text_at("data.member"), made.text_at("data.type")), (budi, "adjustment".to_owned()));
    let faults = json!({
        "member": ["Invalid pk \"MEM-009\" - object does not exist."],
        "transaction_type": ["\"gift\" is not a valid choice."],
    });
    refused(
        shop.post("/points/", json!({ "memberId": "MEM-009", "type": "gift", "points": 1 })).await,
        faults,
    );
}
