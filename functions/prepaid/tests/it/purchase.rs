//! Buying at one go: the card is charged, and the vouchers come with the answer.

mod discounts;
mod unpaid;

use serde_json::{Value, json};
use testkit::with;

use crate::shapes::{OPENING, payment, voucher};
use crate::till::{Till, refused, said};

const PURCHASE: &str = "/vouchers/purchase/";

#[tokio::test]
async fn a_purchase_is_answered_with_vouchers_payment_and_price() {
    let till = Till::open().await;
    let number: u32 = till.exam.parse().unwrap();
    let body =
        json!({ "voucher_type_id": number, "quantity": "2", "payment_method_id": "pm_card_mastercard" });
    let bought = till.post(&till.ama, PURCHASE, body).await.expect(201).json;
    let (vouchers, paid) = (bought["vouchers"].as_array().unwrap(), &bought["payment"]);
    let shown: Vec<Value> = vouchers.iter().map(|told| voucher(&till, &till.ama, told)).collect();
    let changes = json!({
        "quantity": 2, "amount": "20.00", "total_amount": "20.00", "status": "completed",
        "voucher_codes": [vouchers[0]["code"], vouchers[1]["code"]], "completed_at": OPENING,
    });
    let expected = json!({
        "message": "Successfully purchased 2 voucher(s)", "vouchers": shown, "total_paid": 20,
        "discount_applied": 0, "payment": with(&payment(&till, &till.ama, paid), &changes),
    });
    assert_eq!(bought, expected);
    assert_ne!(vouchers[0]["code"], vouchers[1]["code"]);
    assert!(vouchers.iter().all(|voucher| voucher["transaction_id"] == paid["id"]));
    let intent = till.bank().object(paid["stripe_payment_intent_id"].as_str().unwrap()).unwrap().unwrap();
    for (name, value) in [
        ("amount", json!(2000)),
        ("amount_received", json!(2000)),
        ("currency", json!("usd")),
        ("status", json!("succeeded")),
        ("receipt_email", json!(till.ama.email)),
    ] {
        assert_eq!(intent[name], value, "{name} of {intent}");
    }
    assert_eq!(
        (&intent["metadata"]["payment_id"], &intent["metadata"]["user_id"]),
        (&paid["id"], &json!(till.ama.id))
    );
    assert_eq!(intent["metadata"]["quantity"], "2");
    // One is bought where nothing is said, and who may buy may do so again.
    let again =
        till.post(&till.ama, PURCHASE, json!({ "voucher_type_id": format!(" {number} ") })).await.expect(201);
    assert_eq!(
        (&again.json["message"], &again.json["total_paid"]),
        (&json!("Successfully purchased 1 voucher(s)"), &json!(10))
    );
    let staffs = till.post(&till.staff, PURCHASE, json!({ "voucher_type_id": number, "quantity": 10 })).await;
    assert_eq!(staffs.expect(201).json["vouchers"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn prices_are_reckoned_in_whole_cents_and_rounded_half_up() {
    let till = Till::open().await;
    let mut made = 0;
    for (price, quantity, kind, value, off, total) in [
        ("19.99", 1, "percentage", "15.00", "3.00", "16.99"),
        ("19.99", 1, "fixed", "0.01", "0.01", "19.98"),
        ("0.50", 1, "percentage", "0.01", "0.00", "0.50"),
        ("33.33", 3, "percentage", "33.33", "33.33", "66.66"),
        ("10.01", 1, "percentage", "50.00", "5.01", "5.00"),
        ("1.15", 10, "fixed", "2.50", "2.50", "9.00"),
        ("10.00", 1, "fixed", "50.00", "10.00", "0.00"),
        ("99999.99", 10, "percentage", "0.01", "100.00", "999899.90"),
    ] {
        made += 1;
        let code = format!("D{made}");
        let sold = till.sells(&format!("Type {made}"), &format!("type_{made}"), price, json!({})).await;
        till.discount(&code, json!({ "discount_type": kind, "discount_value": value })).await;
        let body = json!({ "voucher_type_id": sold, "quantity": quantity, "discount_code": code });
        let bought = till.post(&till.ama, PURCHASE, body).await.expect(201).json;
        let (paid, case) = (&bought["payment"], format!("{quantity} x {price} less {value} {kind}"));
        assert_eq!((&paid["discount_amount"], &paid["amount"]), (&json!(off), &json!(total)), "{case}");
        assert_eq!((&paid["unit_price"], &paid["discount_code"]), (&json!(price), &json!(code)), "{case}");
        let number = |text: &str| json!(text.parse::<f64>().unwrap()).as_f64();
        assert_eq!(
            (bought["total_paid"].as_f64(), bought["discount_applied"].as_f64()),
            (number(total), number(off))
        );
        let Some(intent) = paid["stripe_payment_intent_id"].as_str() else {
            assert_eq!((total, &paid["payment_method"]), ("0.00", &json!("free")), "{case}");
            continue;
        };
        let intent = till.bank().object(intent).unwrap().unwrap();
        assert_eq!(intent["amount_received"], total.replace('.', "").parse::<i64>().unwrap(), "{case}");
    }
    let plain = till.sells("Plain", "plain", "19.99", json!({})).await;
    let bought = till.post(&till.kofi, PURCHASE, json!({ "voucher_type_id": plain })).await.expect(201).json;
    let intent = bought["payment"]["stripe_payment_intent_id"].as_str().unwrap();
    assert_eq!(till.bank().object(intent).unwrap().unwrap()["amount_received"], 1999);
    assert_eq!(bought["total_paid"], json!(19.99));
}

#[tokio::test]
async fn what_costs_nothing_is_delivered_without_the_bank() {
    let till = Till::open().await;
    let heard = till.bank().heard().len();
    let gift = till.sells("Trial", "trial", "0.00", json!({})).await;
    let bought = till
        .post(&till.ama, PURCHASE, json!({ "voucher_type_id": gift, "quantity": 2 }))
        .await
        .expect(201)
        .json;
    assert_eq!((&bought["total_paid"], bought["vouchers"].as_array().unwrap().len()), (&json!(0), 2));
    let paid = &bought["payment"];
    for (name, value) in [
        ("payment_method", json!("free")),
        ("status", json!("completed")),
        ("amount", json!("0.00")),
        ("stripe_payment_intent_id", Value::Null),
        ("completed_at", json!(OPENING)),
    ] {
        assert_eq!(paid[name], value, "{name}");
    }
    till.discount("ALL", json!({ "discount_value": "100", "max_uses_per_user": 1 })).await;
    let body =
        json!({ "voucher_type_id": till.exam, "discount_code": "all", "payment_method_id": "pm_card_visa" });
    let bought = till.post(&till.ama, PURCHASE, body.clone()).await.expect(201).json;
    assert_eq!((&bought["total_paid"], &bought["discount_applied"]), (&json!(0), &json!(10)));
    refused(
        till.post(&till.ama, PURCHASE, body).await,
        json!({ "discount_code": ["You have already used this discount code."] }),
    );
    till.redeems(&till.kofi, bought["vouchers"][0]["code"].as_str().unwrap()).await.expect(200);
    assert_eq!(till.bank().heard().len(), heard, "the bank was not asked");
}

/// What is wrong with an order, by what is sent, where both ways of buying say the same.
pub(crate) fn faults(exam: &str) -> Vec<(Value, Value)> {
    let quantity = |value, text: &str| {
        (json!({ "voucher_type_id": exam, "quantity": value }), json!({ "quantity": [text] }))
    };
    let one = |more: Value, told: Value| (with(&json!({ "voucher_type_id": exam }), &more), told);
    let integer = "A valid integer is required.";
    vec![
        (json!({}), json!({ "voucher_type_id": ["This field is required."] })),
        (json!({ "voucher_type_id": null }), json!({ "voucher_type_id": ["This field may not be null."] })),
        (json!({ "voucher_type_id": "" }), json!({ "voucher_type_id": ["This field may not be blank."] })),
        (json!({ "voucher_type_id": [1] }), json!({ "voucher_type_id": ["Not a valid string."] })),
        (
            json!({ "quantity": 0 }),
            json!({
                "voucher_type_id": ["This field is required."],
                "quantity": ["Ensure this value is greater than or equal to 1."],
            }),
        ),
        quantity(json!(0), "Ensure this value is greater than or equal to 1."),
        quantity(json!(-3), "Ensure this value is greater than or equal to 1."),
        quantity(json!(11), "Ensure this value is less than or equal to 10."),
        quantity(json!("two"), integer),
        quantity(json!(1.5), integer),
        quantity(json!(""), integer),
        quantity(json!(true), integer),
        quantity(Value::Null, "This field may not be null."),
        one(json!({ "currency": "IDR" }), json!({ "currency": ["Only USD is supported."] })),
        one(
            json!({ "currency": "IDR", "discount_code": "NONE" }),
            json!({ "currency": ["Only USD is supported."], "discount_code": ["Invalid discount code."] }),
        ),
        one(
            json!({ "recipient_email": "ama" }),
            json!({ "recipient_email": ["Enter a valid email address."] }),
        ),
        one(json!({ "recipient_message": "Hi" }), json!({ "recipient_email": ["This field is required."] })),
        one(
            json!({ "recipient_email": "a@b.test", "send_at": "2027-03-02T00:00:00Z" }),
            json!({ "send_at": ["Ensure this date is at most a year ahead."] }),
        ),
        one(
            json!({ "recipient_email": "a@b.test", "send_at": "2026-03-31T08:30:00Z" }),
            json!({ "send_at": ["Ensure this date is before the vouchers end."] }),
        ),
    ]
}

#[tokio::test]
async fn a_bad_order_is_refused_and_leaves_nothing_behind() {
    let till = Till::open().await;
    let before = till.world.shelf().await.only("payment");
    for (body, told) in faults(&till.exam) {
        refused(till.post(&till.ama, PURCHASE, body).await, told);
    }
    for id in [json!(99), json!("99"), json!("x"), json!("0"), json!(format!("0{}", till.exam)), json!(1.5)] {
        let told = json!({ "voucher_type_id": ["Invalid or inactive voucher type."] });
        refused(till.post(&till.ama, PURCHASE, json!({ "voucher_type_id": id })).await, told);
    }
    for method in ["paypal", "bank_transfer", "mobile_money", "free", "cash"] {
        let body = json!({ "voucher_type_id": till.exam, "payment_method": method });
        said(till.post(&till.ama, PURCHASE, body).await, 400, "Payment method not supported yet");
    }
    let cheap = till.sells("Cheap", "cheap", "0.49", json!({})).await;
    let told = json!({ "non_field_errors": ["The amount is below the minimum charge of 0.50 USD."] });
    refused(till.post(&till.ama, PURCHASE, json!({ "voucher_type_id": cheap })).await, told);
    let dear = till.sells("Dear", "dear", "99999999.99", json!({})).await;
    let told = json!({ "non_field_errors": ["The amount is above the maximum charge of 999999.99 USD."] });
    refused(till.post(&till.ama, PURCHASE, json!({ "voucher_type_id": dear })).await, told);
    till.post(&till.kofi, PURCHASE, json!({ "voucher_type_id": cheap, "quantity": 2, "currency": "usd" }))
        .await
        .expect(201);
    assert_eq!(before, testkit::Shelf::default());
    assert_eq!(till.world.shelf().await.of_kind("payment").count(), 1, "only what was paid");
    for list in ["/payments/history/", "/vouchers/my-vouchers/"] {
        assert_eq!(till.get(&till.ama, list).await.expect(200).json["count"], 0, "{list}");
    }
}
