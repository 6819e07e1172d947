//! How much is given back, and for which vouchers.

use serde_json::{Value, json};

use crate::till::{Till, refused, said};

#[tokio::test]
async fn no_more_is_given_back_than_unused_vouchers_cost() {
    let till = Till::open().await;
    let (id, codes) = till.paid(&till.ama, 3).await;
    let most = |most: &str| json!({ "amount": [format!("Amount exceeds the refundable amount of {most}.")] });
    for amount in [json!("30.01"), json!(9999), json!(0), json!("-5"), json!("0.00")] {
        refused(till.asks(&till.ama, &id, json!({ "amount": amount })).await, most("30.00"));
    }
    till.redeems(&till.kofi, &codes[0]).await.expect(200);
    refused(till.asks(&till.ama, &id, json!({ "amount": "20.01" })).await, most("20.00"));
    let cancel = format!("/admin/vouchers/{}/cancel/", codes[1]);
    till.post(&till.staff, &cancel, json!({ "reason": "lost" })).await.expect(200);
    refused(till.asks(&till.ama, &id, json!({ "amount": "10.01" })).await, most("10.00"));
    till.redeems(&till.ama, &codes[2]).await.expect(200);
    let nothing = "No unused vouchers left to refund";
    said(till.asks(&till.ama, &id, json!({})).await, 400, nothing);
    said(till.asks(&till.ama, &id, json!({ "amount": "9999" })).await, 400, nothing);
}

#[tokio::test]
async fn parts_of_what_was_paid_are_rounded_down() {
    let till = Till::open().await;
    till.discount("LESS", json!({ "discount_type": "fixed", "discount_value": "20.00" })).await;
    let body = json!({ "voucher_type_id": till.exam, "quantity": 3, "discount_code": "LESS" });
    let bought = till.post(&till.ama, "/vouchers/purchase/", body).await.expect(201);
    let id = bought.text_at("payment.id");
    assert_eq!(bought.json["payment"]["amount"], "10.00");
    till.redeems(&till.kofi, bought.json["vouchers"][0]["code"].as_str().unwrap()).await.expect(200);
    let told = json!({ "amount": ["Amount exceeds the refundable amount of 6.66."] });
    refused(till.asks(&till.ama, &id, json!({ "amount": "6.67" })).await, told);
    let asked = till.asks(&till.ama, &id, json!({})).await.expect(201);
    assert_eq!(asked.text_at("refund.amount"), "6.66");
    let done = till.decides(&asked.text_at("refund.id"), "approve").await.expect(200).json;
    assert_eq!(done["vouchers_cancelled"].as_array().unwrap().len(), 2);
    let kept = till.payment(&till.ama, &id).await;
    assert_eq!((&kept["status"], &kept["refunded_amount"]), (&json!("completed"), &json!("6.66")));
}

#[tokio::test]
async fn an_amount_takes_as_many_vouchers_as_it_pays_for_the_newest_first() {
    let till = Till::open().await;
    for (amount, taken) in [("0.01", 1), ("10.00", 1), ("10.01", 2), ("29.99", 3), ("30.00", 3)] {
        let (id, codes) = till.paid(&till.ama, 3).await;
        let refund =
            till.asks(&till.ama, &id, json!({ "amount": amount })).await.expect(201).text_at("refund.id");
        let done = till.decides(&refund, "approve").await.expect(200).json;
        let newest: Vec<Value> = codes.iter().rev().take(taken).map(|code| json!(code)).collect();
        assert_eq!(done["vouchers_cancelled"], json!(newest), "{amount}");
        let kept = till.payment(&till.ama, &id).await;
        let status = if taken == 3 && amount == "30.00" { "refunded" } else { "completed" };
        assert_eq!((&kept["status"], &kept["refunded_amount"]), (&json!(status), &json!(amount)), "{amount}");
        let states: Vec<&Value> =
            kept["vouchers"].as_array().unwrap().iter().map(|voucher| &voucher["status"]).collect();
        let expected: Vec<&str> =
            (0..3).map(|place| if place < 3 - taken { "active" } else { "cancelled" }).collect();
        assert_eq!(states, expected, "{amount}");
    }
}
