//! What was sold, used and brought.

mod days;

use serde_json::{Value, json};
use testkit::with;

use crate::shapes::{END, OPENING};
use crate::till::{Till, refused};

async fn dashboard(till: &Till) -> Value {
    till.get(&till.staff, "/analytics/dashboard/").await.expect(200).json
}

async fn revenue(till: &Till, query: &str) -> Value {
    till.get(&till.staff, &format!("/analytics/revenue/{query}")).await.expect(200).json
}

#[tokio::test]
async fn the_dashboard_counts_from_nothing_to_everything() {
    let till = Till::open().await;
    let school = till.sells("School", "school", "25.50", json!({})).await;
    let exams = json!({
        "id": till.exam, "name": "Exam Results Checking", "type_code": "result_check", "price": 10,
        "total_purchased": 0, "total_used": 0, "revenue": 0,
    });
    let schools =
        with(&exams, &json!({ "id": school, "name": "School", "type_code": "school", "price": 25.5 }));
    let empty = json!({
        "users": { "total": 3, "new_this_week": 3, "active_this_month": 3 },
        "vouchers": {
            "total": 0, "active": 0, "used": 0, "expired": 0, "cancelled": 0, "issued_this_week": 0, "used_this_week": 0,
        },
        "revenue": { "total": 0, "this_week": 0, "this_month": 0 },
        "voucher_types": [exams, schools],
        "recent_activity": { "payments_this_week": 0, "vouchers_issued_this_week": 0, "vouchers_used_this_week": 0 },
    });
    assert_eq!(dashboard(&till).await, empty);
    // What is only wished for, declined or used in vain counts nothing.
    till.intent(&till.ama, 5).await;
    let declined = json!({ "voucher_type_id": school, "payment_method_id": "pm_card_visa_chargeDeclined" });
    till.post(&till.ama, "/vouchers/purchase/", declined).await.expect(402);
    assert_eq!(dashboard(&till).await, empty);

    let threefold = till.buys(&till.ama, 3).await.json;
    till.discount("HALF", json!({ "discount_value": "50" })).await;
    let body = json!({ "voucher_type_id": school, "quantity": 2, "discount_code": "HALF" });
    till.post(&till.kofi, "/vouchers/purchase/", body).await.expect(201);
    let code = |place: usize| threefold["vouchers"][place]["code"].as_str().unwrap();
    for place in [0, 0, 0, 1] {
        till.redeems(&till.kofi, code(place)).await.expect(200);
    }
    till.post(&till.staff, &format!("/admin/vouchers/{}/cancel/", code(2)), json!({ "reason": "x" }))
        .await
        .expect(200);
    let full = json!({
        "users": { "total": 3, "new_this_week": 3, "active_this_month": 3 },
        "vouchers": {
            "total": 5, "active": 3, "used": 1, "expired": 0, "cancelled": 1, "issued_this_week": 5, "used_this_week": 4,
        },
        "revenue": { "total": 55.5, "this_week": 55.5, "this_month": 55.5 },
        "voucher_types": [
            with(&exams, &json!({ "total_purchased": 3, "total_used": 4, "revenue": 30 })),
            with(&schools, &json!({ "total_purchased": 2, "revenue": 25.5 })),
        ],
        "recent_activity": { "payments_this_week": 2, "vouchers_issued_this_week": 5, "vouchers_used_this_week": 4 },
    });
    assert_eq!(dashboard(&till).await, full);
    let today = json!({ "start_date": "2026-01-30", "end_date": "2026-03-01", "days": 30 });
    let report = json!({
        "period": today,
        "daily_revenue": [{ "day": "2026-03-01", "revenue": "55.50", "payment_count": 2 }],
        "revenue_by_type": [
            { "voucher_type__name": "Exam Results Checking", "voucher_type__type_code": "result_check", "revenue": "30.00", "quantity": 3 },
            { "voucher_type__name": "School", "voucher_type__type_code": "school", "revenue": "25.50", "quantity": 2 },
        ],
        "payment_methods": [{ "payment_method": "stripe", "count": 2, "revenue": "55.50" }],
        "summary": { "total_revenue": "55.50", "total_payments": 2, "average_daily_revenue": "1.85" },
    });
    assert_eq!(revenue(&till, "").await, report);
}

#[tokio::test]
async fn the_report_takes_a_number_of_days() {
    let till = Till::open().await;
    let nothing = json!({
        "period": { "start_date": "2026-01-30", "end_date": "2026-03-01", "days": 30 }, "daily_revenue": [],
        "revenue_by_type": [], "payment_methods": [],
        "summary": { "total_revenue": "0.00", "total_payments": 0, "average_daily_revenue": "0.00" },
    });
    for query in ["", "?days=30", "?days=%2030&colour=red"] {
        assert_eq!(revenue(&till, query).await, nothing, "{query}");
    }
    for (days, first) in [("1", "2026-02-28"), ("7", "2026-02-22"), ("365", "2025-03-01")] {
        let period = revenue(&till, &format!("?days={days}")).await["period"].clone();
        assert_eq!((&period["start_date"], period["days"].to_string()), (&json!(first), days.to_owned()));
    }
    let integer = "A valid integer is required.";
    for (days, text) in [
        ("x", integer),
        ("", integer),
        ("1.5", integer),
        ("1e3", integer),
        ("0", "Ensure this value is greater than or equal to 1."),
        ("-5", "Ensure this value is greater than or equal to 1."),
        ("366", "Ensure this value is less than or equal to 365."),
        ("99999999999999999999", "Ensure this value is less than or equal to 365."),
    ] {
        refused(
            till.get(&till.staff, &format!("/analytics/revenue/?days={days}")).await,
            json!({ "days": [text] }),
        );
    }
}

#[tokio::test]
async fn uses_are_counted_for_who_made_them_and_spending_for_who_paid() {
    let till = Till::open().await;
    let own = async |who| till.get(who, "/analytics/user/").await.expect(200).json;
    let nothing = json!({
        "voucher_summary": { "total": 0, "active": 0, "used": 0, "expired": 0 },
        "spending": { "total": 0, "average_per_voucher": 0 }, "usage_by_type": [], "recent_vouchers": [],
        "recent_usage": [],
    });
    assert_eq!(own(&till.ama).await, nothing);
    let exam = till.code(&till.ama).await;
    for _ in 0..2 {
        till.redeems(&till.kofi, &exam).await.expect(200);
    }
    let by_type = json!([{
        "voucher__voucher_type__name": "Exam Results Checking", "voucher__voucher_type__type_code": "result_check",
        "voucher_type_name": "Exam Results Checking", "type_code": "result_check", "usage_count": 2,
    }]);
    let usage = json!({ "voucher_code": exam, "service_type": "result_check", "used_at": OPENING });
    assert_eq!(
        own(&till.kofi).await,
        with(&nothing, &json!({ "usage_by_type": by_type, "recent_usage": [usage, usage] }))
    );
    let recent = json!([{
        "code": exam, "type": "Exam Results Checking", "status": "active", "issued_at": OPENING, "expires_at": END,
    }]);
    let changes = json!({
        "voucher_summary": { "total": 1, "active": 1, "used": 0, "expired": 0 },
        "spending": { "total": 10, "average_per_voucher": 10 }, "recent_vouchers": recent,
    });
    assert_eq!(own(&till.ama).await, with(&nothing, &changes));
}
