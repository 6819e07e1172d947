//! What time brings to vouchers: their end, the reminders before it, and gifts that are sent later.

use serde_json::{Value, json};
use testkit::Delivery;

use crate::days::codes;
use crate::till::Till;

const ENDS: &str = "Your voucher expires soon";

/// Everything that tells whether a voucher of Ama's is over: to Ama, to the staff, and to who wants to use it.
async fn shows(till: &Till, code: &str) -> (String, i64, i64, i64, i64) {
    let detail = till.get(&till.ama, &format!("/vouchers/detail/{code}/")).await.expect(200).json;
    let stats = till.get(&till.ama, "/vouchers/stats/").await.expect(200).json;
    let own = till.get(&till.ama, "/analytics/user/").await.expect(200).json;
    let board = till.get(&till.staff, "/analytics/dashboard/").await.expect(200).json;
    let listed = till.get(&till.ama, "/vouchers/my-vouchers/?status=expired").await.expect(200).json;
    assert_eq!(detail["uses_remaining"] == 0, detail["status"] == "expired", "{detail}");
    assert_eq!(detail["is_valid"], detail["status"] == "active", "{detail}");
    let number = |value: &Value| value.as_i64().unwrap();
    let status = detail["status"].as_str().unwrap().to_owned();
    (
        status,
        number(&stats["expired_vouchers"]),
        number(&own["voucher_summary"]["expired"]),
        number(&board["vouchers"]["expired"]),
        number(&listed["count"]),
    )
}

#[tokio::test]
async fn a_voucher_is_over_at_its_end_and_noted_so_within_the_hour() {
    let mut till = Till::open().await;
    let code = till.code(&till.ama).await;
    till.redeems(&till.ama, &code).await.expect(200);
    till.passes("2026-03-30T08:30:00Z").await;
    till.at("2026-03-31T08:30:00Z").await;
    assert_eq!(shows(&till, &code).await, ("active".into(), 0, 0, 0, 0), "its last moment");
    till.at("2026-03-31T08:30:01Z").await;
    let over = ("expired".to_owned(), 1, 1, 1, 1);
    assert_eq!(shows(&till, &code).await, over, "nobody noted it yet");
    let refused = till.redeems(&till.ama, &code).await.expect(400);
    assert_eq!(refused.json, json!({ "code": ["Voucher is not valid or has expired."] }));
    let valid = json!({ "code": code, "service_type": "result_check" });
    assert_eq!(till.post(&till.kofi, "/vouchers/validate/", valid).await.expect(200).json["valid"], false);
    let stored = till.world.shelf().await;
    assert_eq!(stored.of_kind("voucher").next().unwrap()["status"]["S"], "active");
    let handed = till.world.handed_over("prepaid").await;
    assert_eq!(handed.len(), 1);
    let events = till.world.whole.function("prepaid-events").unwrap();
    till.world.deliver(Delivery::Twice, events, &handed).await;
    let noted = till.world.shelf().await;
    assert_eq!(noted.of_kind("voucher").next().unwrap()["status"]["S"], "expired");
    till.world.deliver(Delivery::Once, events, &handed).await;
    assert_eq!(till.world.shelf().await.changed_since(&noted), Vec::<&str>::new(), "once is enough");
    assert_eq!(shows(&till, &code).await, over);
    assert_eq!(till.world.handed_over("prepaid").await, Vec::<Value>::new());
    till.world.recount_prepaid().await;
}

#[tokio::test]
async fn staff_move_an_end_and_what_follows_from_it_moves_along() {
    let mut till = Till::open().await;
    let code = till.code(&till.ama).await;
    let path = format!("/admin/vouchers/{code}/");
    let moved = till.patch(&path, json!({ "expires_at": "2026-02-28T00:00:00Z" })).await.expect(200);
    assert_eq!(moved.json["status"], "expired");
    till.redeems(&till.ama, &code).await.expect(400);
    till.world.minute().await;
    let moved = till.patch(&path, json!({ "expires_at": "2026-03-20T00:00:00Z" })).await.expect(200);
    assert_eq!((&moved.json["status"], &moved.json["uses_remaining"]), (&json!("active"), &json!(3)));
    till.redeems(&till.ama, &code).await.expect(200);
    till.passes("2026-03-12").await;
    assert!(!till.world.subjects(&till.ama.email).await.contains(&ENDS.to_owned()));
    till.passes("2026-03-13").await;
    till.passes("2026-03-21").await;
    assert_eq!(till.world.shelf().await.of_kind("voucher").next().unwrap()["status"]["S"], "expired");
    // Once more, from what was noted as over.
    till.patch(&path, json!({ "expires_at": "2026-04-30T00:00:00Z" })).await.expect(200);
    till.redeems(&till.ama, &code).await.expect(200);
    till.passes("2026-04-23").await;
    till.passes("2026-04-29").await;
    let reminders =
        till.world.subjects(&till.ama.email).await.iter().filter(|subject| *subject == ENDS).count();
    assert_eq!(reminders, 3, "a week before the first end, and twice before the second");
    till.world.recount_prepaid().await;
}

#[tokio::test]
async fn an_owner_is_reminded_a_week_and_a_day_before_the_end_in_one_letter_each_time() {
    let mut till = Till::open().await;
    let bought = codes(&till.buys(&till.ama, 3).await);
    let kofis = till.code(&till.kofi).await;
    let used = till.code(&till.ama).await;
    for _ in 0..3 {
        till.redeems(&till.ama, &used).await.expect(200);
    }
    till.world.settle().await;
    let before = till.world.mails().len();
    till.passes("2026-03-24T08:29:59Z").await;
    assert_eq!(till.world.mails().len(), before, "a moment before");
    for (time, so_far) in
        [("2026-03-24T08:30:00Z", 1), ("2026-03-30T08:29:59Z", 1), ("2026-03-30T08:30:00Z", 2)]
    {
        till.at(time).await;
        let handed = till.world.handed_over("prepaid").await;
        let events = till.world.whole.function("prepaid-events").unwrap();
        till.world.deliver(Delivery::Twice, events, &handed).await;
        till.world.settle().await;
        till.world.minute().await;
        for (who, codes) in [(&till.ama, &bought), (&till.kofi, &vec![kofis.clone()])] {
            let mails = till.world.mail_to(&who.email).await.into_iter();
            let mails: Vec<String> =
                mails.filter(|(subject, _)| subject == ENDS).map(|(_, text)| text).collect();
            assert_eq!(mails.len(), so_far, "{} at {time}", who.email);
            let newest = mails.last().unwrap();
            assert!(codes.iter().all(|code| newest.contains(code)), "all in one letter: {newest}");
            assert!(
                newest.contains("3 uses left") && newest.contains("31 March 2026") && !newest.contains(&used)
            );
        }
    }
    till.passes("2026-04-02").await;
    assert_eq!(till.world.mails().iter().filter(|(_, subject, _)| subject == ENDS).count(), 4);
    till.world.recount_prepaid().await;
}

#[tokio::test]
async fn who_wants_no_reminders_gets_none_and_the_voucher_ends_all_the_same() {
    let mut till = Till::open().await;
    let code = till.code(&till.ama).await;
    let wish = json!({ "profile": { "notification_preferences": { "expiry_email": false } } });
    till.call(&till.ama, "PATCH", "/users/profile/update/").json(&wish).send().await.expect(200);
    till.passes("2026-03-25").await;
    till.passes("2026-03-31").await;
    till.passes("2026-04-01").await;
    assert_eq!(till.world.subjects(&till.ama.email).await, ["Your voucher purchase"]);
    assert_eq!(till.world.handed_over("prepaid").await, Vec::<Value>::new());
    assert_eq!(till.voucher(&code).await["status"], "expired");
}

#[tokio::test]
async fn a_clock_that_stood_still_reminds_of_nothing_that_is_over() {
    let mut till = Till::open().await;
    till.code(&till.ama).await;
    till.passes("2026-05-01").await;
    assert_eq!(till.world.subjects(&till.ama.email).await, ["Your voucher purchase"]);
    assert_eq!(till.world.shelf().await.of_kind("voucher").next().unwrap()["status"]["S"], "expired");
    assert_eq!(till.world.handed_over("prepaid").await, Vec::<Value>::new());
    till.world.recount_prepaid().await;
}

#[tokio::test]
async fn a_gift_is_sent_when_it_is_to_be_sent() {
    let mut till = Till::open().await;
    let gift = json!({
        "voucher_type_id": till.exam, "recipient_email": "child@shop.test", "recipient_message": "Good luck!",
        "send_at": "2026-03-09T07:00:00Z",
    });
    let bought = till.post(&till.ama, "/vouchers/purchase/", gift).await.expect(201);
    let code = codes(&bought).remove(0);
    assert_eq!(till.world.subjects(&till.ama.email).await, ["Your voucher purchase"]);
    till.passes("2026-03-09T06:59:59Z").await;
    assert_eq!(till.world.mail_to("child@shop.test").await, []);
    till.at("2026-03-09T07:00:00Z").await;
    let handed = till.world.handed_over("prepaid").await;
    let events = till.world.whole.function("prepaid-events").unwrap();
    till.world.deliver(Delivery::Twice, events, &handed).await;
    till.world.minute().await;
    let mails = till.world.mail_to("child@shop.test").await;
    let [(subject, text)] = mails.as_slice() else { panic!("one letter: {mails:?}") };
    assert_eq!(subject, "Some sent you a voucher");
    assert!(text.contains(&code) && text.contains("Good luck!"), "{text}");
    assert_eq!(till.world.handed_over("prepaid").await, Vec::<Value>::new());
}

#[tokio::test]
async fn of_a_gift_only_codes_that_are_still_good_are_sent() {
    let mut till = Till::open().await;
    let mut codes_of = Vec::new();
    for amount in ["10.00", "20.00"] {
        let gift = json!({
            "voucher_type_id": till.exam, "quantity": 2, "recipient_email": "child@shop.test",
            "send_at": "2026-03-09T07:00:00Z",
        });
        let bought = till.post(&till.ama, "/vouchers/purchase/", gift).await.expect(201);
        let wish = json!({ "payment_id": bought.text_at("payment.id"), "reason": "other", "amount": amount });
        let asked = till.post(&till.ama, "/payments/refund/request/", wish).await.expect(201);
        till.approves(&asked.text_at("refund.id")).await.expect(200);
        codes_of.push(codes(&bought));
    }
    till.passes("2026-03-09T07:00:00Z").await;
    let mails = till.world.mail_to("child@shop.test").await;
    let [(_, text)] = mails.as_slice() else { panic!("one letter: {mails:?}") };
    assert!(text.contains(&codes_of[0][0]) && !text.contains(&codes_of[0][1]), "{text}");
}

#[tokio::test]
async fn a_message_that_nobody_understands_fails_alone() {
    let mut till = Till::open().await;
    let code = till.code(&till.ama).await;
    till.at("2026-04-01").await;
    let due = |what: &str| {
        json!({ "due": { "what": what, "pk": format!("PREPAID#VOUCHER#{code}"), "sk": "VOUCHER",
                         "at": "2026-03-31T08:30:00.000000Z" } })
        .to_string()
    };
    let bodies = [
        "{".to_owned(),
        due("dance"),
        due("voucher-expire"),
        json!({ "due": "soon" }).to_string(),
        json!({ "id": "1", "body": { "dance": {} } }).to_string(),
        due("voucher-remind"),
    ];
    assert_eq!(till.world.work("prepaid-events", &bodies).await, [0, 1, 3, 4]);
    assert_eq!(till.world.shelf().await.of_kind("voucher").next().unwrap()["status"]["S"], "expired");
}
