//! What holds when many act at once, on one voucher, one payment, one discount or one refund.

use futures_util::future::{join, join_all};
use serde_json::{Value, json};
use testkit::{Answer, Fault, Person};

use crate::days::codes;
use crate::till::Till;

/// How many were answered so, and that the others all got this refusal.
#[track_caller]
fn all_others(answers: &[Answer], won: u16, lost: u16, refused: &Value) -> usize {
    let (won, others): (Vec<&Answer>, Vec<&Answer>) =
        answers.iter().partition(|answer| answer.status.as_u16() == won);
    for answer in others {
        assert_eq!((answer.status.as_u16(), &answer.json), (lost, refused), "{answer:?}");
    }
    won.len()
}

fn not_valid() -> Value {
    json!({ "code": ["Voucher is not valid or has expired."] })
}

fn sentence(text: &str) -> Value {
    json!({ "error": text, "detail": text, "message": text })
}

/// So many people with an account.
async fn people(till: &Till, many: usize) -> Vec<Person> {
    join_all((0..many).map(|_| till.newcomer())).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_uses_of_ten_turn_nobody_away() {
    let till = Till::open().await;
    let ten = till.sells("Ten", "ten", "5.00", json!({ "usage_limit": 10 })).await;
    for conflicts in [0, 20] {
        let order = json!({ "voucher_type_id": ten });
        let code = codes(&till.post(&till.ama, "/vouchers/purchase/", order).await.expect(201)).remove(0);
        till.world.faults.chance(3, &[(Fault::Conflict, conflicts)]);
        let wish = json!({ "code": code, "service_type": "ten" });
        let answers =
            join_all((0..8).map(|_| till.post(&till.kofi, "/vouchers/redeem/", wish.clone()))).await;
        till.world.faults.stop();
        assert_eq!(all_others(&answers, 200, 200, &Value::Null), 8);
        assert_eq!(till.voucher(&code).await["usage_count"], 8);
    }
    assert_eq!(till.world.recount_prepaid().await.uses, 16);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn uses_that_are_held_and_uses_that_are_spent_are_never_more_than_there_are() {
    let till = &Till::open().await;
    for _ in 0..3 {
        let code = till.code(&till.ama).await;
        let wish = json!({ "code": code, "service_type": "result_check" });
        let hold = |who| till.post(who, "/vouchers/reserve/", wish.clone());
        let holds = join_all((0..6).map(|n| hold([&till.ama, &till.kofi][n % 2])));
        let uses = join_all((0..4).map(|_| till.redeems(&till.kofi, &code)));
        let (held, used) = join(holds, uses).await;
        let won = all_others(&held, 201, 400, &not_valid());
        assert_eq!(won + all_others(&used, 200, 400, &not_valid()), 3);
        // Whoever holds one spends it or lets it go, and tries both at once.
        let steps = held.iter().enumerate().filter(|(_, held)| held.status == 201).map(|(n, held)| {
            let (who, id) = ([&till.ama, &till.kofi][n % 2], held.text_at("id"));
            let step = move |step: &str| format!("/vouchers/reserve/{id}/{step}/");
            async move {
                let (spend, free) = (step("commit"), step("release"));
                let spends = join_all((0..2).map(|_| till.post(who, &spend, json!({}))));
                let (spent, freed) = join(spends, till.post(who, &free, json!({}))).await;
                let spent = spent.iter().filter(|answer| answer.status == 200).count();
                assert_eq!(spent + usize::from(freed.status == 200), 1, "it was held once");
                spent
            }
        });
        let spent: usize = join_all(steps).await.iter().sum();
        let used = used.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(till.voucher(&code).await["usage_count"], used + spent);
    }
    till.world.recount_prepaid().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_confirmations_of_two_vouchers_deliver_two() {
    let till = Till::open().await;
    let (payment, intent) = till.intent(&till.ama, 2).await;
    till.bank().pay(&intent, "pm_card_visa").unwrap();
    let answers = join_all((0..8).map(|_| till.confirms(&till.ama, &intent))).await;
    let delivered = till.payment(&till.ama, &payment).await["voucher_codes"].clone();
    assert_eq!(delivered.as_array().map(Vec::len), Some(2));
    for answer in &answers {
        assert_eq!((answer.status.as_u16(), &answer.json["voucher_codes"]), (200, &delivered), "{answer:?}");
    }
    let first = answers.iter().filter(|answer| answer.json.get("already_processed").is_none());
    assert_eq!(first.count(), 1);
    assert_eq!(till.has(&till.ama).await, 2);
    assert_eq!(till.world.subjects(&till.ama.email).await, ["Your voucher purchase"]);
    till.world.recount_prepaid_with_the_bank().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_hears_first_of_the_money_delivers_and_the_others_find_it_delivered() {
    let mut till = Till::open().await;
    let mut intents = Vec::new();
    for quantity in [1, 2, 3] {
        intents.push(till.intent(&till.ama, quantity).await);
    }
    till.at("2026-03-01T08:36:00Z").await;
    for (_, intent) in &intents {
        till.bank().pay(intent, "pm_card_visa").unwrap();
    }
    // The event, the clock and the customer, all at once.
    till.world.whole.run_schedules().await.unwrap();
    till.world.whole.deliver_payments().await.unwrap();
    let confirmed = join_all(intents.iter().map(|(_, intent)| till.confirms(&till.ama, intent)));
    let (confirmed, drained, ()) =
        tokio::join!(confirmed, till.world.whole.deliver_messages(), till.world.settle());
    drained.unwrap();
    for answer in confirmed {
        answer.expect(200);
    }
    till.world.minute().await;
    assert_eq!(till.has(&till.ama).await, 6);
    assert_eq!(till.world.subjects(&till.ama.email).await, ["Your voucher purchase"; 3]);
    assert_eq!(till.world.recount_prepaid_with_the_bank().await.vouchers, 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_ten_buyers_three_get_a_discount_for_three() {
    let till = Till::open().await;
    let buyers = people(&till, 10).await;
    let invalid = json!({ "discount_code": ["Discount code is not valid or has expired."] });
    for (code, path) in [("FIRST3", "/vouchers/purchase/"), ("NEXT3", "/payments/create-payment-intent/")] {
        let discount = till.discount(code, json!({ "max_uses": 3 })).await;
        let order = json!({ "voucher_type_id": till.exam, "discount_code": code });
        let answers = join_all(buyers.iter().map(|who| till.post(who, path, order.clone()))).await;
        assert_eq!(all_others(&answers, 201, 400, &invalid), 3);
        assert_eq!(till.uses_of(&discount).await, 3);
    }
    let charged: Vec<Value> = till.charged().iter().map(|intent| intent["amount"].clone()).collect();
    assert_eq!(charged, [900, 900, 900]);
    till.world.recount_prepaid_with_the_bank().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_uses_a_discount_more_often_than_one_may() {
    let till = Till::open().await;
    let discount =
        till.discount("TWICE", json!({ "max_uses_per_user": 2, "discount_value": "100.00" })).await;
    let order = json!({ "voucher_type_id": till.exam, "discount_code": "TWICE" });
    let both = [&till.ama, &till.kofi].into_iter().flat_map(|who| (0..5).map(move |_| who));
    let answers = join_all(both.map(|who| till.post(who, "/vouchers/purchase/", order.clone()))).await;
    let used = json!({ "discount_code": ["You have already used this discount code."] });
    assert_eq!(all_others(&answers, 201, 400, &used), 4);
    assert_eq!((till.has(&till.ama).await, till.has(&till.kofi).await), (2, 2));
    assert_eq!(till.uses_of(&discount).await, 4);
    assert_eq!(till.charged().len(), 0, "all of it was taken off");
    till.world.recount_prepaid().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_six_who_ask_for_the_money_one_does_and_it_comes_back_once() {
    let till = Till::open().await;
    let payment = till.buys(&till.ama, 2).await.text_at("payment.id");
    let answers = join_all((0..6).map(|_| till.asks_back(&till.ama, &payment))).await;
    let twice = sentence("Refund already requested for this payment");
    assert_eq!(all_others(&answers, 201, 400, &twice), 1);
    let refund = answers.iter().find(|answer| answer.status == 201).unwrap().text_at("refund.id");
    let reject = format!("/admin/refunds/{refund}/reject/");
    let approvals = join_all((0..4).map(|_| till.approves(&refund)));
    let (approved, rejected) =
        join(approvals, join_all((0..2).map(|_| till.post(&till.staff, &reject, json!({}))))).await;
    let decided = sentence("Refund is not pending");
    let given = all_others(&approved, 200, 409, &decided);
    assert_eq!(given + all_others(&rejected, 200, 409, &decided), 1);
    assert_eq!((till.heard("/v1/refunds").len(), till.bank().all("refund").unwrap().len()), (given, given));
    till.world.settle().await;
    let sold = till.world.recount_prepaid_with_the_bank().await;
    assert_eq!(sold.given_back, if given == 1 { 2000 } else { 0 });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_approves_twice_gives_back_once() {
    let till = Till::open().await;
    let payment = till.buys(&till.ama, 3).await.text_at("payment.id");
    let refund = till.asked_back(&till.ama, &payment).await;
    let approved = join_all((0..6).map(|_| till.approves(&refund))).await;
    assert_eq!(all_others(&approved, 200, 409, &sentence("Refund is not pending")), 1);
    assert_eq!(till.bank().all("refund").unwrap().len(), 1);
    assert_eq!(till.status(&till.ama, &payment).await, "refunded");
    assert_eq!(till.world.recount_prepaid_with_the_bank().await.given_back, 3000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_voucher_is_used_or_given_back_and_never_both() {
    let till = Till::open().await;
    for _ in 0..4 {
        let bought = till.buys(&till.ama, 1).await;
        let (payment, code) = (bought.text_at("payment.id"), codes(&bought).remove(0));
        let refund = till.asked_back(&till.ama, &payment).await;
        let (approved, used) = join(till.approves(&refund), till.redeems(&till.kofi, &code)).await;
        let used_since = sentence("Vouchers were used since the request");
        let given = all_others(&[approved], 200, 409, &used_since);
        assert_eq!(given + all_others(&[used], 200, 400, &not_valid()), 1);
        let (voucher, status) = (till.voucher(&code).await, till.status(&till.ama, &payment).await);
        let expected = if given == 1 { ("refunded", "cancelled", 0) } else { ("completed", "active", 1) };
        assert_eq!(
            (status.as_str(), voucher["status"].as_str().unwrap(), voucher["usage_count"].as_i64().unwrap()),
            expected
        );
    }
    till.world.settle().await;
    till.world.recount_prepaid_with_the_bank().await;
}
