//! What staff decide about refunds.

use serde_json::{Value, json};
use standins::stripe::Trouble;
use testkit::with;

use crate::shapes::{OPENING, each};
use crate::till::{Till, refused, said};

#[tokio::test]
async fn an_approved_refund_gives_the_money_back_and_ends_its_vouchers() {
    let till = Till::open().await;
    let (id, codes) = till.paid(&till.ama, 1).await;
    let asked =
        till.asks(&till.ama, &id, json!({ "reason": "fraudulent" })).await.expect(201).json["refund"].clone();
    let path = format!("/admin/refunds/{}/approve/", asked["id"].as_str().unwrap());
    let done = till.post(&till.staff, &path, json!({ "admin_notes": "Gladly.", "amount": "0.01" })).await;
    let changes = json!({
        "status": "completed", "admin_notes": "Gladly.", "vouchers_cancelled": codes, "processed_at": OPENING,
    });
    let expected = with(&asked, &changes);
    assert_eq!(done.expect(200).json, expected);
    assert_eq!(
        till.get(&till.ama, "/payments/refunds/").await.expect(200).json["results"],
        json!([expected])
    );
    let kept = till.payment(&till.ama, &id).await;
    assert_eq!((&kept["status"], &kept["refunded_amount"]), (&json!("refunded"), &json!("10.00")));
    assert_eq!((&kept["refund"], &kept["vouchers"][0]["status"]), (&expected, &json!("cancelled")));
    let used = till.redeems(&till.kofi, &codes[0]).await;
    refused(used, json!({ "code": ["Voucher is not valid or has expired."] }));
    let intent = till.bank().object(kept["stripe_payment_intent_id"].as_str().unwrap()).unwrap().unwrap();
    let charge = till.bank().object(intent["latest_charge"].as_str().unwrap()).unwrap().unwrap();
    assert_eq!(charge["amount_refunded"], 1000);
    for what in ["approve", "reject"] {
        said(till.decides(asked["id"].as_str().unwrap(), what).await, 409, "Refund is not pending");
    }
    let board = till.get(&till.staff, "/analytics/dashboard/").await.expect(200).json;
    assert_eq!((&board["revenue"]["total"], &board["vouchers"]["cancelled"]), (&json!(0), &json!(1)));
}

#[tokio::test]
async fn a_rejected_refund_leaves_all_as_it_was() {
    let till = Till::open().await;
    let (id, codes) = till.paid(&till.ama, 1).await;
    let asked =
        till.asks(&till.ama, &id, json!({ "notes": "please" })).await.expect(201).json["refund"].clone();
    let refund = asked["id"].as_str().unwrap();
    let path = format!("/admin/refunds/{refund}/reject/");
    let done = till.post(&till.staff, &path, json!({ "admin_notes": "It was used." })).await.expect(200);
    let changes = json!({ "status": "cancelled", "admin_notes": "It was used.", "processed_at": OPENING });
    assert_eq!(done.json, with(&asked, &changes));
    for what in ["approve", "reject"] {
        said(till.decides(refund, what).await, 409, "Refund is not pending");
    }
    let kept = till.payment(&till.ama, &id).await;
    assert_eq!((&kept["status"], &kept["refund"]), (&json!("completed"), &Value::Null));
    till.redeems(&till.kofi, &codes[0]).await.expect(200);
    for (what, body) in [("approve", json!({})), ("reject", json!({ "admin_notes": "x".repeat(9_999) }))] {
        for id in ["x", "550e8400-e29b-41d4-a716-446655440000", &id] {
            let missing = till.post(&till.staff, &format!("/admin/refunds/{id}/{what}/"), body.clone()).await;
            assert_eq!(missing.expect(404).json, json!({ "detail": "Not found." }), "{what} {id}");
        }
    }
    let told = json!({ "admin_notes": ["Ensure this field has no more than 2000 characters."] });
    refused(till.post(&till.staff, &path, json!({ "admin_notes": "x".repeat(2001) })).await, told);
}

#[tokio::test]
async fn what_was_used_since_the_request_is_not_paid_back() {
    let till = Till::open().await;
    let (id, codes) = till.paid(&till.ama, 2).await;
    let refund = till.asked(&till.ama, &id).await;
    till.redeems(&till.kofi, &codes[1]).await.expect(200);
    let before = till.world.shelf().await;
    said(till.decides(&refund, "approve").await, 409, "Vouchers were used since the request");
    let after = till.world.shelf().await;
    assert_eq!(after.changed_since(&before), Vec::<&str>::new());
    assert_eq!(till.payment(&till.ama, &id).await["refund"]["status"], "pending");
    till.redeems(&till.kofi, &codes[0]).await.expect(200);
    till.decides(&refund, "reject").await.expect(200);
}

#[tokio::test]
async fn money_that_takes_its_time_is_on_its_way() {
    let till = Till::open().await;
    till.bank().meet(Trouble { refunds_wait: true, ..Trouble::default() });
    let (id, codes) = till.paid(&till.ama, 1).await;
    let refund = till.asked(&till.ama, &id).await;
    let approved = till.decides(&refund, "approve").await.expect(200).json;
    assert_eq!((&approved["status"], &approved["processed_at"]), (&json!("processing"), &Value::Null));
    assert_eq!(
        approved["vouchers_cancelled"],
        json!(codes),
        "no longer good, though the money is not back yet"
    );
    let kept = till.payment(&till.ama, &id).await;
    assert_eq!((&kept["status"], &kept["refunded_amount"]), (&json!("completed"), &json!("0.00")));
    // A bank that is away does not undo the decision.
    let (other, _) = till.paid(&till.kofi, 1).await;
    let second = till.asked(&till.kofi, &other).await;
    till.bank().meet(Trouble { unavailable: true, ..Trouble::default() });
    assert_eq!(till.decides(&second, "approve").await.expect(200).json["status"], "processing");
}

#[tokio::test]
async fn staff_list_all_refunds_with_their_payments() {
    let till = Till::open().await;
    let (amas, _) = till.paid(&till.ama, 1).await;
    let (kofis, _) = till.paid(&till.kofi, 2).await;
    let first = till.asked(&till.ama, &amas).await;
    till.decides(&first, "approve").await.expect(200);
    till.world.clock.set(wire::Stamp::parse_from("2026-03-01T08:40:00Z").unwrap());
    let second = till.asked(&till.kofi, &kofis).await;
    let list = till.get(&till.staff, "/admin/refunds/").await.expect(200);
    assert_eq!((each(&list, "id"), &list.json["count"]), (vec![second.clone(), first.clone()], &json!(2)));
    for (row, who, payment) in [(1, &till.ama, &amas), (0, &till.kofi, &kofis)] {
        let of = till.payment(who, payment).await;
        let charge = list.json["results"][row]["payment_detail"]["stripe_charge_id"].clone();
        assert!(charge.is_string(), "{charge}");
        let detail = with(&of, &json!({ "stripe_charge_id": charge, "user_email": who.email }));
        let detail = testkit::without(&detail, &["vouchers", "refund"]);
        assert_eq!(list.json["results"][row], with(&of["refund"], &json!({ "payment_detail": detail })));
    }
    for (status, ids) in [("pending", vec![&second]), ("completed", vec![&first]), ("failed", vec![])] {
        let some = till.get(&till.staff, &format!("/admin/refunds/?status={status}")).await.expect(200);
        assert_eq!(each(&some, "id").iter().collect::<Vec<_>>(), ids, "{status}");
        assert_eq!(some.json["count"], ids.len(), "{status}");
    }
    let told = json!({ "status": ["Select a valid choice. x is not one of the available choices."] });
    refused(till.get(&till.staff, "/admin/refunds/?status=x").await, told);
}
