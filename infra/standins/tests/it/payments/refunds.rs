//! Money on its way back.

use serde_json::json;
use standins::stripe::Trouble;
use stripe::{NewRefund, RefundReason, RefundStatus};
use wire::Money;

use super::{client, kinds, paid, post};
use crate::world::World;

#[tokio::test]
async fn money_is_given_back_up_to_what_was_paid() {
    let world = World::new();
    let (stripe, intent) = (client(&world), paid(&world, "pm_card_visa").await);
    let part = NewRefund::of(&intent, Money::from_minor(999))
        .because(RefundReason::RequestedByCustomer)
        .noting("refund_id", "7");
    let made = stripe.refund("a", &part).await.unwrap();
    assert_eq!((made.amount, made.status.clone()), (Money::from_minor(999), Some(RefundStatus::Succeeded)));
    assert_eq!(
        (made.reason.as_deref(), made.metadata["refund_id"].as_str()),
        (Some("requested_by_customer"), "7")
    );
    assert_eq!(made.payment_intent.as_deref(), Some(intent.as_str()));
    assert_eq!(stripe.refund("a", &part).await.unwrap(), made, "asked again, it is the same refund");
    assert_eq!(stripe.find_refund(&made.id).await.unwrap(), made);

    let told = post(&world, "/v1/refunds", &format!("payment_intent={intent}&amount=1001")).await.expect(400);
    let says = "Refund amount (10.01) is greater than unrefunded amount on charge (10.00)";
    assert_eq!(
        (told.text_at("/error/message"), told.text_at("/error/param")),
        (says.into(), "amount".into())
    );
    let rest = post(&world, "/v1/refunds", &format!("payment_intent={intent}")).await.expect(200);
    assert_eq!(rest.json["amount"], 1000);
    let none = post(&world, "/v1/refunds", &format!("payment_intent={intent}")).await.expect(400);
    assert_eq!(none.text_at("/error/code"), "charge_already_refunded");
    let charge = world.cloud.stripe.object(&made.charge.unwrap()).unwrap().unwrap();
    assert_eq!((&charge["amount_refunded"], &charge["refunded"]), (&json!(1999), &json!(true)));
    let twice = ["charge.refunded", "refund.updated"];
    assert_eq!(kinds(&world), [["payment_intent.succeeded"].as_slice(), &twice, &twice].concat());
}

#[tokio::test]
async fn what_cannot_be_given_back_is_refused() {
    let world = World::new();
    let good = paid(&world, "pm_card_visa").await;
    let open = super::intent(&world).await.0;
    let disputed = paid(&world, "pm_card_createDispute").await;
    for (form, code, param) in [
        (String::new(), "parameter_missing", ""),
        (format!("payment_intent={open}"), "payment_intent_unexpected_state", "payment_intent"),
        (format!("payment_intent={disputed}"), "charge_disputed", ""),
        ("payment_intent=pi_x".to_owned(), "resource_missing", "payment_intent"),
        ("charge=ch_x".to_owned(), "resource_missing", "charge"),
        (format!("payment_intent={good}&charge=ch_x"), "", ""),
        (format!("payment_intent={good}&amount=0"), "parameter_invalid_integer", "amount"),
        (format!("payment_intent={good}&reason=whim"), "", "reason"),
        (format!("payment_intent={good}&speed=fast"), "parameter_unknown", "speed"),
    ] {
        let told = post(&world, "/v1/refunds", &form).await.expect(400);
        let error = &told.json["error"];
        let said = [&error["code"], &error["param"]].map(|said| said.as_str().unwrap_or_default());
        assert_eq!(said, [code, param], "{form}: {}", told.text);
    }
    assert!(!kinds(&world).contains(&"charge.refunded".to_owned()));
}

#[tokio::test]
async fn a_refund_may_take_its_time_and_may_come_back() {
    let world = World::new();
    let (stripe, standin) = (client(&world), &world.cloud.stripe);
    let refund = async |method: &str, key: &str| {
        let intent = paid(&world, method).await;
        stripe.refund(key, &NewRefund::of(&intent, Money::from_minor(1999))).await.unwrap()
    };
    let status = async |id: &str| stripe.find_refund(id).await.unwrap().status.unwrap();
    let slow = refund("pm_card_pendingRefund", "a").await;
    assert_eq!(slow.status, Some(RefundStatus::Pending));
    assert_eq!(kinds(&world), ["payment_intent.succeeded"]);
    standin.settle_refund(&slow.id, true).unwrap();
    assert_eq!(status(&slow.id).await, RefundStatus::Succeeded);
    assert_eq!(kinds(&world)[1..], ["charge.refunded", "refund.updated"]);
    assert!(standin.settle_refund(&slow.id, true).is_err());
    // The bank sends back what seemed to have arrived.
    standin.settle_refund(&slow.id, false).unwrap();
    assert_eq!(kinds(&world)[3..], ["refund.failed", "refund.updated"]);
    assert!(standin.settle_refund(&slow.id, false).is_err() && standin.settle_refund("re_x", true).is_err());

    standin.meet(Trouble { refunds_wait: true, ..Trouble::default() });
    let waits = refund("pm_card_visa", "b").await;
    assert_eq!(waits.status, Some(RefundStatus::Pending), "any refund waits while that is set");
    let failed = standin.settle_refund(&waits.id, false).unwrap();
    assert_eq!(
        (&failed["status"], &failed["failure_reason"]),
        (&json!("failed"), &json!("expired_or_canceled_card"))
    );
    let charge = standin.object(&waits.charge.unwrap()).unwrap().unwrap();
    assert_eq!((&charge["amount_refunded"], &charge["refunded"]), (&json!(0), &json!(false)));
}
