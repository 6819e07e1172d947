//! Figures as days pass.

use serde_json::{Value, json};
use testkit::Person;

use super::{dashboard, revenue};
use crate::till::Till;

#[tokio::test]
async fn weeks_and_months_reach_back_from_today() {
    let mut till = Till::open().await;
    let school = till.sells("School", "school", "0.00", json!({ "validity_days": 90 })).await;
    let old = till.buys(&till.ama, 2).await.json;
    till.redeems(&till.kofi, old["vouchers"][0]["code"].as_str().unwrap()).await.expect(200);
    till.at("2026-03-08T23:59:59Z").await;
    let week = |board: &Value| {
        (
            board["revenue"]["this_week"].clone(),
            board["vouchers"]["issued_this_week"].clone(),
            board["vouchers"]["used_this_week"].clone(),
        )
    };
    let board = dashboard(&till).await;
    assert_eq!(week(&board), (json!(20), json!(2), json!(1)), "the seventh day before counts");
    assert_eq!(board["users"]["new_this_week"], 3);
    till.at("2026-03-09T00:00:00Z").await;
    let board = dashboard(&till).await;
    assert_eq!(week(&board), (json!(0), json!(0), json!(0)));
    assert_eq!(
        board["recent_activity"],
        json!({ "payments_this_week": 0, "vouchers_issued_this_week": 0, "vouchers_used_this_week": 0 })
    );
    assert_eq!(board["revenue"], json!({ "total": 20, "this_week": 0, "this_month": 20 }));
    assert_eq!(board["users"], json!({ "total": 3, "new_this_week": 0, "active_this_month": 3 }));
    till.post(&till.kofi, "/vouchers/purchase/", json!({ "voucher_type_id": school, "quantity": 3 }))
        .await
        .expect(201);
    till.buys(&till.ama, 1).await;
    let report = revenue(&till, "?days=9").await;
    let days = json!([
        { "day": "2026-03-01", "revenue": "20.00", "payment_count": 1 },
        { "day": "2026-03-09", "revenue": "10.00", "payment_count": 2 },
    ]);
    let types = json!([
        { "voucher_type__name": "Exam Results Checking", "voucher_type__type_code": "result_check", "revenue": "30.00", "quantity": 3 },
        { "voucher_type__name": "School", "voucher_type__type_code": "school", "revenue": "0.00", "quantity": 3 },
    ]);
    let methods = json!([
        { "payment_method": "stripe", "count": 2, "revenue": "30.00" },
        { "payment_method": "free", "count": 1, "revenue": "0.00" },
    ]);
    assert_eq!(
        (&report["daily_revenue"], &report["revenue_by_type"], &report["payment_methods"]),
        (&days, &types, &methods)
    );
    let summary = json!({ "total_revenue": "30.00", "total_payments": 3, "average_daily_revenue": "3.33" });
    assert_eq!(report["summary"], summary);
    assert_eq!(revenue(&till, "?days=7").await["daily_revenue"], json!([days[1]]));

    // A refund takes from the day on which it was paid.
    let body = json!({ "payment_id": old["payment"]["id"], "reason": "other" });
    let refund =
        till.post(&till.ama, "/payments/refund/request/", body).await.expect(201).text_at("refund.id");
    till.post(&till.staff, &format!("/admin/refunds/{refund}/approve/"), json!({})).await.expect(200);
    assert_eq!(revenue(&till, "?days=9").await["daily_revenue"][0]["revenue"], "10.00");
    let board = dashboard(&till).await;
    assert_eq!(board["revenue"], json!({ "total": 20, "this_week": 10, "this_month": 20 }));
    // Somebody else's payments do not change what the first one spent.
    till.at("2026-04-01T00:00:00Z").await;
    let board = dashboard(&till).await;
    assert_eq!(board["revenue"], json!({ "total": 20, "this_week": 0, "this_month": 10 }));
    assert_eq!(
        (&board["vouchers"]["expired"], &board["vouchers"]["active"]),
        (&json!(1), &json!(4)),
        "nobody has noticed, and yet"
    );
    // Whoever signs in is in use again; everybody just has.
    assert_eq!(board["users"]["active_this_month"], 3);
}

/// What somebody sees of what they bought and used.
async fn own(till: &Till, who: &Person) -> Value {
    till.get(who, "/analytics/user/").await.expect(200).json
}

#[tokio::test]
async fn what_one_spent_is_net_and_the_newest_five_are_shown() {
    let till = Till::open().await;
    let school = till.sells("School", "school", "0.50", json!({ "usage_limit": 9 })).await;
    let first = till.buys(&till.ama, 2).await.json;
    let mut newest = Vec::new();
    for minute in 31..=35 {
        till.world.clock.set(wire::Stamp::parse_from(&format!("2026-03-01T08:{minute}:00Z")).unwrap());
        let bought = till
            .post(&till.ama, "/vouchers/purchase/", json!({ "voucher_type_id": school }))
            .await
            .expect(201);
        let code = bought.json["vouchers"][0]["code"].clone();
        till.post(&till.ama, "/vouchers/redeem/", json!({ "code": code, "service_type": "school" }))
            .await
            .expect(200);
        newest.insert(0, code);
    }
    till.redeems(&till.ama, first["vouchers"][0]["code"].as_str().unwrap()).await.expect(200);
    let shown = own(&till, &till.ama).await;
    let codes = |list: &str, name: &str| -> Vec<Value> {
        shown[list].as_array().unwrap().iter().map(|row| row[name].clone()).collect()
    };
    assert_eq!(codes("recent_vouchers", "code"), newest);
    assert_eq!(codes("recent_vouchers", "type"), vec![json!("School"); 5]);
    // The sixth use is the newest or of the same moment as the newest, and the first one is shown no more.
    let uses = codes("recent_usage", "voucher_code");
    assert_eq!((uses.len(), uses.contains(&newest[4])), (5, false), "{uses:?}");
    let counts: Vec<(String, i64)> = shown["usage_by_type"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["type_code"].as_str().unwrap().to_owned(), row["usage_count"].as_i64().unwrap()))
        .collect();
    assert_eq!(counts, [("school".to_owned(), 5), ("result_check".to_owned(), 1)], "the most used first");
    // 22.50 for seven.
    assert_eq!(shown["spending"], json!({ "total": 22.5, "average_per_voucher": 3.21 }));
    assert_eq!(shown["voucher_summary"], json!({ "total": 7, "active": 7, "used": 0, "expired": 0 }));
    let body = json!({ "payment_id": first["payment"]["id"], "reason": "other" });
    let refund =
        till.post(&till.ama, "/payments/refund/request/", body).await.expect(201).text_at("refund.id");
    till.post(&till.staff, &format!("/admin/refunds/{refund}/approve/"), json!({})).await.expect(200);
    let shown = own(&till, &till.ama).await;
    assert_eq!(
        shown["spending"],
        json!({ "total": 12.5, "average_per_voucher": 1.79 }),
        "half a cent is a cent"
    );
    assert_eq!(shown["voucher_summary"], json!({ "total": 7, "active": 6, "used": 0, "expired": 0 }));
    let stats = till.get(&till.ama, "/vouchers/stats/").await.expect(200).json;
    assert_eq!((&stats["total_value"], &stats["cancelled_vouchers"]), (&json!("22.50"), &json!(1)));
}
