//! The letters that customers get: for what, to whom, saying what, and each once.

use serde_json::{Value, json};
use standins::stripe::Trouble;
use testkit::{Delivery, Extras, MailRules, World, with};

use crate::days::codes;
use crate::till::Till;

const STAFF: &str = "refunds@mercato.test";

/// What was mailed, after all that leads to it was delivered again and again: to whom, the subject, and the text.
async fn mailed(till: &Till) -> Vec<(String, String, String)> {
    let world = &till.world;
    let function = |name: &str| world.whole.function(name).unwrap();
    let before = world.mails().len();
    // The events of the bank, what they lead to, what is promised then, and the letters.
    world.whole.deliver_payments().await.unwrap();
    for _ in 0..3 {
        let changes = world.changes();
        world.deliver(Delivery::Once, function("projector"), &changes).await;
        let work = world.messages("prepaid");
        world.deliver(Delivery::Twice, function("prepaid-events"), &work).await;
        world.deliver(Delivery::Backwards, function("prepaid-events"), &work).await;
    }
    let promised = world.messages("mail");
    world.deliver(Delivery::Twice, function("mailer"), &promised).await;
    world.deliver(Delivery::Backwards, function("mailer"), &promised).await;
    let mut mails = world.mails().split_off(before);
    mails.sort();
    mails
}

#[track_caller]
fn says(mails: &[(String, String, String)], expected: &[(&str, &str, &[&str])]) {
    let who: Vec<(&str, &str)> =
        mails.iter().map(|(to, subject, _)| (to.as_str(), subject.as_str())).collect();
    assert_eq!(who, expected.iter().map(|(to, subject, _)| (*to, *subject)).collect::<Vec<_>>());
    for ((_, _, text), (_, subject, wanted)) in mails.iter().zip(expected) {
        for wanted in *wanted {
            assert!(text.contains(wanted), "{wanted:?} is not in {subject}: {text}");
        }
    }
}

/// No letters of some kind any more.
async fn switches_off(till: &Till, kinds: &[&str]) {
    let off: serde_json::Map<String, Value> =
        kinds.iter().map(|kind| ((*kind).to_owned(), json!(false))).collect();
    let wish = json!({ "profile": { "notification_preferences": off } });
    till.call(&till.ama, "PATCH", "/users/profile/update/").json(&wish).send().await.expect(200);
}

#[tokio::test]
async fn a_purchase_has_a_receipt_and_a_use_has_a_note() {
    let till = Till::open().await;
    mailed(&till).await;
    till.discount("TEN", json!({})).await;
    let order = with(&till.order(), &json!({ "quantity": 2, "discount_code": "TEN" }));
    let bought = till.post(&till.ama, "/vouchers/purchase/", order).await.expect(201);
    let ([first, second], payment) =
        (<[String; 2]>::try_from(codes(&bought)).unwrap(), bought.text_at("payment.id"));
    let texts = [
        "Hello Some",
        "2 x Exam Results Checking",
        &first,
        &second,
        "good for 3 uses",
        "31 March 2026",
        "2 x 10.00 USD",
        "less 2.00 USD",
        "Total: 18.00 USD",
        &payment,
    ];
    says(&mailed(&till).await, &[("ama@shop.test", "Your voucher purchase", &texts)]);

    till.redeems(&till.kofi, &first).await.expect(200);
    let mails = mailed(&till).await;
    let texts =
        [&first[8..], "Service: result_check", "1 March 2026", "Uses left: 2", "by somebody else", "Not you"];
    says(&mails, &[("ama@shop.test", "Voucher redeemed", &texts)]);
    assert!(!mails[0].2.contains(&first), "a letter about a use gives no code away: {}", mails[0].2);
    till.redeems(&till.ama, &first).await.expect(200);
    let mails = mailed(&till).await;
    says(&mails, &[("ama@shop.test", "Voucher redeemed", &["Uses left: 1"])]);
    assert!(!mails[0].2.contains("somebody else"), "{}", mails[0].2);
    // Without a discount nothing is said of one, and what costs nothing has a receipt as well.
    till.buys(&till.ama, 1).await;
    let mails = mailed(&till).await;
    says(&mails, &[("ama@shop.test", "Your voucher purchase", &["1 x 10.00 USD", "Total: 10.00 USD"])]);
    assert!(!mails[0].2.contains("less"), "{}", mails[0].2);
    let free = till.sells("Free", "free", "0.00", json!({})).await;
    till.post(&till.ama, "/vouchers/purchase/", json!({ "voucher_type_id": free })).await.expect(201);
    says(&mailed(&till).await, &[("ama@shop.test", "Your voucher purchase", &["Total: 0.00 USD"])]);
}

#[tokio::test]
async fn a_payment_that_fails_is_told_with_the_words_of_the_bank() {
    let till = Till::open().await;
    mailed(&till).await;
    let order =
        with(&till.order(), &json!({ "payment_method_id": "pm_card_visa_chargeDeclinedInsufficientFunds" }));
    let declined = till.post(&till.ama, "/vouchers/purchase/", order).await.expect(402).text_at("payment_id");
    let link = format!("http://localhost:3000/payments/{declined}");
    let texts = ["10.00 USD", "Your card has insufficient funds.", "Nothing was charged", "try again", &link];
    says(&mailed(&till).await, &[("ama@shop.test", "Payment failed", &texts)]);
    // In the browser: once for each reason, not for each event; and not for what was paid meanwhile.
    let (_, intent) = till.intent(&till.ama, 1).await;
    till.bank().pay(&intent, "pm_card_visa_chargeDeclined").unwrap_err();
    says(&mailed(&till).await, &[("ama@shop.test", "Payment failed", &["Your card was declined."])]);
    till.bank().pay(&intent, "pm_card_chargeDeclinedExpiredCard").unwrap_err();
    till.bank().pay(&intent, "pm_card_visa").unwrap();
    says(&mailed(&till).await, &[("ama@shop.test", "Your voucher purchase", &[])]);
}

#[tokio::test]
async fn a_refund_is_told_when_it_is_asked_for_and_when_it_is_decided() {
    let till = Till::open().await;
    let bought = till.buys(&till.ama, 2).await;
    let (payment, codes) = (bought.text_at("payment.id"), codes(&bought));
    // Matters of money cannot be switched off.
    switches_off(&till, &["purchase_email", "redemption_email", "expiry_email", "refund_email"]).await;
    mailed(&till).await;
    let ask = json!({ "payment_id": payment, "reason": "duplicate_payment", "notes": "Bought twice." });
    let asked = async || {
        till.post(&till.ama, "/payments/refund/request/", ask.clone()).await.expect(201).text_at("refund.id")
    };
    let texts: &[&str] = &[&payment, "20.00 USD", "duplicate payment", "Bought twice."];
    let requested =
        [("ama@shop.test", "Refund request received", texts), (STAFF, "Refund request received", texts)];
    let first = asked().await;
    says(&mailed(&till).await, &requested);
    let note = json!({ "admin_notes": "It was used." });
    till.post(&till.staff, &format!("/admin/refunds/{first}/reject/"), note).await.expect(200);
    let texts: &[&str] = &[&payment, "20.00 USD", "is rejected", "It was used."];
    says(&mailed(&till).await, &[("ama@shop.test", "Your refund", texts)]);

    let second = asked().await;
    says(&mailed(&till).await, &requested);
    till.meets(Trouble { refunds_wait: true, ..Trouble::default() });
    let note = json!({ "admin_notes": "Sorry for that." });
    till.post(&till.staff, &format!("/admin/refunds/{second}/approve/"), note).await.expect(200);
    assert_eq!(mailed(&till).await, [], "on its way is not there");
    let at_bank = till.bank().all("refund").unwrap().remove(0)["id"].as_str().unwrap().to_owned();
    till.bank().settle_refund(&at_bank, true).unwrap();
    let texts: &[&str] = &[&payment, "20.00 USD", "is completed", "Sorry for that.", &codes[0], &codes[1]];
    says(&mailed(&till).await, &[("ama@shop.test", "Your refund", texts)]);
}

#[tokio::test]
async fn a_refund_that_fails_is_told_to_the_staff_as_well() {
    let till = Till::open().await;
    let payment = till.buys(&till.ama, 1).await.text_at("payment.id");
    let refund = till.asked_back(&till.ama, &payment).await;
    till.meets(Trouble { refunds_wait: true, ..Trouble::default() });
    till.approves(&refund).await.expect(200);
    mailed(&till).await;
    let at_bank = till.bank().all("refund").unwrap().remove(0)["id"].as_str().unwrap().to_owned();
    till.bank().settle_refund(&at_bank, false).unwrap();
    let texts: &[&str] = &[&payment, "10.00 USD", "is failed", "The vouchers are good again"];
    says(&mailed(&till).await, &[("ama@shop.test", "Your refund", texts), (STAFF, "Your refund", texts)]);
}

#[tokio::test]
async fn a_gift_is_mailed_to_whom_it_is_for() {
    let till = Till::open().await;
    mailed(&till).await;
    let gift = json!({ "voucher_type_id": till.exam, "recipient_email": "child@shop.test", "recipient_message": "Good <b>luck</b>!" });
    let code = codes(&till.post(&till.ama, "/vouchers/purchase/", gift).await.expect(201)).remove(0);
    let receipt: &[&str] = &[&code, "go to child@shop.test as well"];
    let texts: &[&str] =
        &[&code, "Some bought this for you", "Good <b>luck</b>!", "http://localhost:3000/vouchers/claim"];
    let expected = [
        ("ama@shop.test", "Your voucher purchase", receipt),
        ("child@shop.test", "Some sent you a voucher", texts),
    ];
    says(&mailed(&till).await, &expected);
    let html = till.world.whole.cloud.mail.to("child@shop.test", 1).unwrap().remove(0).html.unwrap();
    assert!(html.contains("&lt;b&gt;luck") && !html.contains("<b>luck"), "{html}");
}

#[tokio::test]
async fn who_wants_no_letters_gets_only_those_that_cannot_be_switched_off() {
    let till = Till::open().await;
    switches_off(&till, &["purchase_email", "redemption_email"]).await;
    mailed(&till).await;
    let code = till.code(&till.ama).await;
    till.redeems(&till.kofi, &code).await.expect(200);
    let order = with(&till.order(), &json!({ "payment_method_id": "pm_card_visa_chargeDeclined" }));
    till.post(&till.ama, "/vouchers/purchase/", order).await.expect(402);
    assert_eq!(mailed(&till).await, []);
    // Whoever uses somebody else's voucher is not written to; the owner is, if they want.
    let code = till.code(&till.kofi).await;
    till.redeems(&till.ama, &code).await.expect(200);
    let expected: [(&str, &str, &[&str]); 2] = [
        ("kofi@shop.test", "Voucher redeemed", &[&code[8..]]),
        ("kofi@shop.test", "Your voucher purchase", &[&code]),
    ];
    says(&mailed(&till).await, &expected);
}

#[tokio::test]
async fn what_is_refused_is_written_to_nobody() {
    let till = Till::open().await;
    let code = till.code(&till.ama).await;
    let payment = till.buys(&till.ama, 1).await.text_at("payment.id");
    till.asked_back(&till.ama, &payment).await;
    mailed(&till).await;
    till.asks_back(&till.ama, &payment).await.expect(400);
    till.asks_back(&till.kofi, &payment).await.expect(404);
    till.post(&till.kofi, "/vouchers/redeem/", json!({ "code": code, "service_type": "other" }))
        .await
        .expect(400);
    till.redeems(&till.kofi, "ABCDEFGHJKLM").await.expect(400);
    let unsaleable = with(&till.order(), &json!({ "discount_code": "NONE" }));
    till.post(&till.ama, "/vouchers/purchase/", unsaleable).await.expect(400);
    let unknown = with(&till.order(), &json!({ "payment_method_id": "pm_nobody" }));
    till.post(&till.ama, "/vouchers/purchase/", unknown).await.expect(400);
    till.intent(&till.ama, 1).await;
    till.post(&till.ama, "/vouchers/validate/", json!({ "code": code, "service_type": "result_check" }))
        .await
        .expect(200);
    let held = till
        .post(&till.ama, "/vouchers/reserve/", json!({ "code": code, "service_type": "result_check" }))
        .await
        .expect(201);
    let release = format!("/vouchers/reserve/{}/release/", held.text_at("id"));
    till.post(&till.ama, &release, json!({})).await.expect(200);
    let cancel = format!("/admin/vouchers/{code}/cancel/");
    till.post(&till.staff, &cancel, json!({ "reason": "Lost" })).await.expect(200);
    assert_eq!(mailed(&till).await, []);
}

#[tokio::test]
async fn a_mail_service_that_takes_nothing_fails_no_request() {
    let mail = MailRules { senders: vec!["nobody@else.test".to_owned()], ..MailRules::default() };
    let till = Till::within(World::beyond(Extras { mail, ..Extras::default() }).await).await;
    let bought = till.buys(&till.ama, 2).await;
    till.redeems(&till.kofi, &codes(&bought)[0]).await.expect(200);
    let payment = bought.text_at("payment.id");
    let refund = till.asked_back(&till.ama, &payment).await;
    till.world.settle().await;
    till.approves(&refund).await.expect(200);
    till.world.settle().await;
    assert_eq!(till.world.mails(), []);
    let shown = till.payment(&till.ama, &payment).await;
    assert_eq!(
        (&shown["refunded_amount"], &shown["refund"]["status"]),
        (&json!("10.00"), &json!("completed"))
    );
    till.world.recount_prepaid_with_the_bank().await;
}
