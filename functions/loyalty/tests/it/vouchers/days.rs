//! What a voucher shows, as days pass.

use serde_json::json;

use crate::shop::{Shop, refused, with};

use super::form;

/// Status, availability and the days that are left.
async fn shows(shop: &Shop, id: &str) -> (String, bool, i64) {
    let data = shop.get(&format!("/vouchers/{id}/")).await.expect(200).json["data"].clone();
    let list = shop.get("/vouchers/?page_size=200").await.expect(200).json["results"].clone();
    let row = list.as_array().unwrap().iter().find(|row| row["id"] == id).unwrap();
    assert_eq!(*row, data, "lists and details agree");
    let status = data["status"].as_str().unwrap().to_owned();
    (status, data["is_available"].as_bool().unwrap(), data["days_until_expiry"].as_i64().unwrap())
}

fn is(status: &str, available: bool, days: i64) -> (String, bool, i64) {
    (status.to_owned(), available, days)
}

#[tokio::test]
async fn a_voucher_opens_on_its_first_day_and_closes_behind_its_last() {
    let mut shop = Shop::open().await;
    let dates = json!({ "start_date": "2026-03-02", "end_date": "2026-03-03" });
    let id = shop.voucher_like("KOPI20", dates).await;
    let sari = shop.member_with("Sari", 1000).await;
    let closed = json!({ "voucher": ["Voucher is not available"] });
    shop.at("2026-03-01T23:59:59Z").await;
    assert_eq!(shows(&shop, &id).await, is("Inactive", false, 2));
    refused(shop.redeem(&sari, &id).await, closed.clone());
    shop.at("2026-03-02T00:00:00Z").await;
    assert_eq!(shows(&shop, &id).await, is("Active", true, 1));
    shop.redeem(&sari, &id).await.expect(201);
    shop.at("2026-03-03T23:59:59Z").await;
    assert_eq!(shows(&shop, &id).await, is("Active", true, 0));
    shop.redeem(&sari, &id).await.expect(201);
    shop.at("2026-03-04T00:00:00Z").await;
    assert_eq!(shows(&shop, &id).await, is("Expired", false, 0));
    refused(shop.redeem(&sari, &id).await, closed);
}

#[tokio::test]
async fn a_voucher_made_just_before_midnight_is_good_at_once() {
    let mut shop = Shop::open().await;
    shop.at("2026-03-05T23:59:00Z").await;
    let id = shop.voucher_like("LATE", json!({ "start_date": "2026-03-05", "end_date": "2026-03-05" })).await;
    assert_eq!(shows(&shop, &id).await, is("Active", true, 0));
    let sari = shop.member_with("Sari", 100).await;
    shop.redeem(&sari, &id).await.expect(201);
}

#[tokio::test]
async fn other_dates_revive_a_voucher_although_the_form_sends_its_status_back() {
    let mut shop = Shop::open().await;
    let id = shop.voucher("KOPI20", 100, 5).await;
    let path = format!("/vouchers/{id}/");
    // A form sends everything that it was shown.
    let echo = |shop: &Shop, changes: serde_json::Value| {
        let (get, path) = (shop.call("GET", &path), path.clone());
        let put = shop.call("PUT", &path);
        async move {
            let row = get.send().await.expect(200).json["data"].clone();
            let mut row = row.as_object().unwrap().clone();
            row.extend(changes.as_object().unwrap().clone());
            put.json(&row.into()).send().await.expect(200)
        }
    };
    shop.at("2026-04-02T09:00:00Z").await;
    assert_eq!(shows(&shop, &id).await, is("Expired", false, 0));
    let kept = echo(&shop, json!({ "name": "Kopi, still" })).await;
    assert_eq!(kept.text_at("data.status"), "Expired");
    let revived = echo(&shop, json!({ "end_date": "2026-04-30" })).await;
    assert_eq!(revived.text_at("data.status"), "Active");
    assert_eq!(shows(&shop, &id).await, is("Active", true, 28));
    let later = echo(&shop, json!({ "start_date": "2026-04-10" })).await;
    assert_eq!(later.text_at("data.status"), "Inactive");
    let same = echo(&shop, json!({ "description": "From the tenth" })).await;
    assert_eq!(same.text_at("data.status"), "Inactive");
    shop.at("2026-04-10T00:00:00Z").await;
    assert_eq!(shows(&shop, &id).await, is("Active", true, 20));
}

#[tokio::test]
async fn what_the_operator_wants_holds_within_what_the_dates_allow() {
    let mut shop = Shop::open().await;
    let id = shop.voucher("KOPI20", 100, 5).await;
    let path = format!("/vouchers/{id}/");
    let sari = shop.member_with("Sari", 1000).await;
    let closed = json!({ "voucher": ["Voucher is not available"] });
    for (status, available) in [("Inactive", false), ("Expired", false), ("Active", true)] {
        let set = shop.patch(&path, json!({ "status": status })).await.expect(200);
        assert_eq!(
            (set.text_at("data.status").as_str(), set.json["data"]["is_available"] == true),
            (status, available)
        );
        // Nothing that is sent besides changes it.
        shop.patch(&path, json!({ "description": "x" })).await.expect(200);
        shop.put(&path, form()).await.expect(200);
        assert_eq!(shows(&shop, &id).await.0, status);
        if available {
            shop.redeem(&sari, &id).await.expect(201);
        } else {
            refused(shop.redeem(&sari, &id).await, closed.clone());
        }
    }
    shop.patch(&path, json!({ "stock": 0 })).await.expect(200);
    assert_eq!(shows(&shop, &id).await, is("Active", false, 30));
    shop.patch(&path, json!({ "status": "Inactive", "stock": 3 })).await.expect(200);
    shop.at("2026-04-02T09:00:00Z").await;
    assert_eq!(shows(&shop, &id).await.0, "Expired");
    shop.patch(&path, json!({ "end_date": "2026-04-30" })).await.expect(200);
    assert_eq!(shows(&shop, &id).await.0, "Inactive", "stopped by hand, and still so");
}

#[tokio::test]
async fn lists_and_figures_go_by_what_is_shown_today() {
    let mut shop = Shop::open().await;
    for (code, more) in [
        ("NOW", json!({})),
        ("EMPTY", json!({ "stock": 0 })),
        ("SOON", json!({ "start_date": "2026-03-10" })),
        ("STOPPED", json!({ "status": "Inactive" })),
        ("ENDED", json!({ "status": "Expired" })),
        ("SHORT", json!({ "end_date": "2026-03-04" })),
    ] {
        shop.voucher_like(code, more).await;
    }
    for (time, queries) in [
        (
            "2026-03-01T09:00:00Z",
            [
                ("status=Active", vec!["SHORT", "EMPTY", "NOW"]),
                ("status=Inactive", vec!["STOPPED", "SOON"]),
                ("status=Expired", vec!["ENDED"]),
                ("available=true", vec!["SHORT", "NOW"]),
                ("available=false", vec!["ENDED", "STOPPED", "SOON", "EMPTY"]),
            ],
        ),
        (
            "2026-03-10T00:00:00Z",
            [
                ("status=Active", vec!["SOON", "EMPTY", "NOW"]),
                ("status=Inactive", vec!["STOPPED"]),
                ("status=Expired", vec!["SHORT", "ENDED"]),
                ("available=true", vec!["SOON", "NOW"]),
                ("available=0", vec!["SHORT", "ENDED", "STOPPED", "EMPTY"]),
            ],
        ),
    ] {
        shop.at(time).await;
        for (query, expected) in queries {
            let list = shop.get(&format!("/vouchers/?{query}")).await.expect(200);
            let codes: Vec<&str> = list.json["results"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["code"].as_str().unwrap())
                .collect();
            assert_eq!(
                (&codes, list.json["count"].as_u64()),
                (&expected, Some(codes.len() as u64)),
                "{query} at {time}"
            );
        }
        let figures = shop.get("/vouchers/statistics/").await.expect(200);
        assert_eq!(figures.json["data"]["active_vouchers"], 3);
    }
    let bad = json!({
        "status": ["Select a valid choice. Foo is not one of the available choices."],
        "available": ["Select a valid choice. perhaps is not one of the available choices."],
        "min_points": ["Enter a number."],
    });
    let list = shop.get("/vouchers/?status=Foo&available=perhaps&min_points=x").await;
    assert_eq!(with(&list.expect(400).json["error"]["details"], &json!({})), bad);
}
