//! One's own payments.

use serde_json::{Value, json};
use testkit::{with, without};

use crate::shapes::{OPENING, each, payment, voucher};
use crate::till::{Till, said};

#[tokio::test]
async fn everybody_lists_what_they_paid_and_tried_to_pay() {
    let till = Till::open().await;
    let bought = till.buys(&till.ama, 1).await.json["payment"].clone();
    let (pending, _) = till.intent(&till.ama, 3).await;
    let body = json!({ "voucher_type_id": till.exam, "payment_method_id": "pm_card_visa_chargeDeclined" });
    let failed = till.post(&till.ama, "/vouchers/purchase/", body).await.expect(402).text_at("payment_id");
    let kofis = till.buys(&till.kofi, 1).await.text_at("payment.id");
    let list = till.get(&till.ama, "/payments/history/").await.expect(200);
    let mut shown = each(&list, "id");
    let mut expected = vec![bought["id"].as_str().unwrap().to_owned(), pending.clone(), failed.clone()];
    assert!(shown.is_sorted_by(|a, b| a > b), "of one moment the highest id first: {shown:?}");
    expected.sort();
    shown.sort();
    assert_eq!(
        (shown, &list.json["count"], &list.json["next"], &list.json["previous"]),
        (expected, &json!(3), &Value::Null, &Value::Null)
    );
    let row = |id: &Value| {
        list.json["results"].as_array().unwrap().iter().find(|row| row["id"] == *id).unwrap().clone()
    };
    assert_eq!(row(&bought["id"]), bought);
    for (status, ids) in [
        ("pending", vec![pending.clone()]),
        ("failed", vec![failed.clone()]),
        ("completed", vec![bought["id"].as_str().unwrap().to_owned()]),
        ("refunded", vec![]),
        ("no such state", vec![]),
    ] {
        let some = till
            .get(&till.ama, &format!("/payments/history/?status={status}").replace(' ', "+"))
            .await
            .expect(200);
        assert_eq!(each(&some, "id"), ids, "{status}");
        assert_eq!(some.json["count"], ids.len(), "{status}");
    }
    // Staff have bought nothing themselves, and nobody reads along by naming somebody.
    assert_eq!(till.get(&till.staff, "/payments/history/").await.expect(200).json["count"], 0);
    let tried = till.get(&till.ama, &format!("/payments/history/?user={}", till.kofi.id)).await.expect(200);
    assert!(!each(&tried, "id").contains(&kofis));
}

#[tokio::test]
async fn a_payment_is_for_who_paid_and_for_staff() {
    let till = Till::open().await;
    let bought = till.buys(&till.ama, 2).await.json;
    let (id, paid) = (bought["payment"]["id"].as_str().unwrap(), &bought["payment"]);
    let path = format!("/payments/transaction/{id}/");
    let brief = |voucher: &Value| json!({ "id": voucher["id"], "code": voucher["code"], "status": "active" });
    let vouchers: Vec<Value> = bought["vouchers"].as_array().unwrap().iter().map(brief).collect();
    let expected = with(paid, &json!({ "vouchers": vouchers, "refund": null }));
    assert_eq!(till.payment(&till.ama, id).await, expected);
    let staffs = till.get(&till.staff, &path).await.expect(200).json;
    let charge = staffs["stripe_charge_id"].as_str().unwrap();
    assert!(charge.starts_with("ch_"), "{charge}");
    let changes = json!({ "stripe_charge_id": charge, "user_email": till.ama.email });
    assert_eq!(staffs, with(&expected, &changes));
    // Somebody else's, nobody's, and what is no id at all look the same.
    let (kofis, _) = till.intent(&till.kofi, 1).await;
    for id in [
        kofis.as_str(),
        "550e8400-e29b-41d4-a716-446655440000",
        "0195a000-0000-7000-8000-000000000000",
        "x",
        "1",
        "%00",
    ] {
        said(
            till.get(&till.ama, &format!("/payments/transaction/{id}/")).await,
            404,
            "Transaction not found",
        );
    }
    let pending = till.payment(&till.kofi, &kofis).await;
    assert_eq!(
        pending,
        with(&payment(&till, &till.kofi, &pending), &json!({ "vouchers": [], "refund": null }))
    );

    let code = bought["vouchers"][0]["code"].as_str().unwrap();
    for _ in 0..3 {
        till.redeems(&till.kofi, code).await.expect(200);
    }
    let body = json!({ "payment_id": id, "reason": "other" });
    let asked =
        till.post(&till.ama, "/payments/refund/request/", body).await.expect(201).json["refund"].clone();
    let after = till.payment(&till.ama, id).await;
    assert_eq!(after["refund"], asked);
    assert_eq!(
        (&after["vouchers"][0]["status"], &after["vouchers"][1]["status"]),
        (&json!("used"), &json!("active"))
    );
}

#[tokio::test]
async fn pages_learn_where_the_bank_is_and_no_secret() {
    let till = Till::open().await;
    let config = till.world.get("/api/prepaid/payments/config/").send().await.expect(200);
    let expected = json!({
        "publishable_key": "pk_test_standin", "currency": "USD", "mode": "standin", "api_base": "/api/prepaid/stripe",
    });
    assert_eq!(config.json, expected);
    assert!(!config.text.contains("sk_") && !config.text.contains("whsec"), "{config:?}");
    let stale = till.world.get("/api/prepaid/payments/config").bearer("stale").send().await;
    assert_eq!(stale.expect(200).json, expected);
}

#[tokio::test]
async fn one_buys_for_somebody_else_and_sees_for_whom() {
    let till = Till::open().await;
    let body = json!({
        "voucher_type_id": till.exam, "recipient_email": "kofi@shop.test", "recipient_message": "Good luck!",
        "send_at": "2026-03-05T08:00:00Z",
    });
    let bought = till.post(&till.ama, "/vouchers/purchase/", body).await.expect(201).json;
    let gift = &bought["vouchers"][0];
    let to = json!({ "recipient_email": "kofi@shop.test" });
    assert_eq!(*gift, with(&voucher(&till, &till.ama, gift), &to));
    let changes = json!({ "status": "completed", "voucher_codes": [gift["code"]], "completed_at": OPENING });
    let expected = with(&with(&payment(&till, &till.ama, &bought["payment"]), &changes), &to);
    assert_eq!(bought["payment"], expected);
    let id = expected["id"].as_str().unwrap();
    assert_eq!(without(&till.payment(&till.ama, id).await, &["vouchers", "refund"]), expected);
}
