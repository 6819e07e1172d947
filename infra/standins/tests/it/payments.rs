//! Stripe's stand-in: by its wire, and through our own client.

mod events;
mod keys;
mod pages;
mod refunds;
mod trouble;

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use stripe::{IntentStatus, Mode, NewIntent, Stripe};
use tower::ServiceExt;
use wire::Money;

use crate::world::World;

pub(crate) const SECRET: &str = "sk_test_standin";
pub(crate) const PUBLISHABLE: &str = "pk_test_standin";

/// An answer of the wire.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Told {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Told {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    pub(crate) fn text_at(&self, path: &str) -> String {
        self.json
            .pointer(path)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("no {path}: {self:?}"))
            .to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// Asks as anybody with HTTP.
pub(crate) async fn ask(
    world: &World,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Told {
    let mut request = Request::builder().method(method).uri(path);
    if !body.is_empty() && !headers.iter().any(|(name, _)| *name == "content-type") {
        request = request.header("content-type", "application/x-www-form-urlencoded");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let (head, body) = world.cloud.stripe.router().oneshot(request).await.unwrap().into_parts();
    let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    let json = serde_json::from_str(&text).unwrap_or_default();
    Told { status: head.status.as_u16(), headers: head.headers, text, json }
}

/// Asks as the shop.
pub(crate) async fn post(world: &World, path: &str, body: &str) -> Told {
    ask(world, "POST", path, &[("authorization", &format!("Bearer {SECRET}"))], body).await
}

pub(crate) async fn get(world: &World, path: &str) -> Told {
    ask(world, "GET", path, &[("authorization", &format!("Bearer {SECRET}"))], "").await
}

/// A new intent of 19.99, as id and client secret.
pub(crate) async fn intent(world: &World) -> (String, String) {
    let form = "amount=1999&currency=usd&metadata[payment_id]=5&automatic_payment_methods[enabled]=true";
    let made = post(world, "/v1/payment_intents", form).await.expect(200);
    (made.text_at("/id"), made.text_at("/client_secret"))
}

/// An intent of 19.99 that was paid.
pub(crate) async fn paid(world: &World, method: &str) -> String {
    let (id, _) = intent(world).await;
    world.cloud.stripe.pay(&id, method).unwrap();
    id
}

pub(crate) fn client(world: &World) -> Stripe {
    Stripe::new(&world.cloud.stripe_url(), SECRET).unwrap()
}

/// The kinds of the events so far.
pub(crate) fn kinds(world: &World) -> Vec<String> {
    world.cloud.stripe.events().unwrap().into_iter().map(|(kind, _)| kind).collect()
}

#[tokio::test]
async fn an_intent_is_made_and_paid_in_the_customers_browser() {
    let world = World::new();
    let (id, secret) = intent(&world).await;
    assert!(id.starts_with("pi_") && secret.starts_with(&format!("{id}_secret_")), "{id} {secret}");
    let before = client(&world).intent(&id).await.unwrap();
    assert_eq!(before.status, IntentStatus::RequiresPaymentMethod);
    assert_eq!((before.amount, before.amount_received), (Money::from_minor(1999), Money::ZERO));
    assert_eq!(
        (before.latest_charge, before.livemode, before.metadata["payment_id"].as_str()),
        (None, false, "5")
    );

    let form = format!(
        "client_secret={secret}&key={PUBLISHABLE}&payment_method=pm_card_visa&return_url=https://a.test"
    );
    let told =
        ask(&world, "POST", &format!("/v1/payment_intents/{id}/confirm"), &[], &form).await.expect(200);
    assert_eq!(
        (told.text_at("/status"), told.header("access-control-allow-origin")),
        ("succeeded".into(), "*")
    );
    let path = format!("/v1/payment_intents/{id}?client_secret={secret}");
    let seen = ask(&world, "GET", &path, &[("authorization", &format!("Bearer {PUBLISHABLE}"))], "")
        .await
        .expect(200);
    assert_eq!(seen.json["amount_received"], 1999);

    let after = client(&world).intent(&id).await.unwrap();
    assert_eq!((after.status, after.amount_received), (IntentStatus::Succeeded, Money::from_minor(1999)));
    let charge = world.cloud.stripe.object(&after.latest_charge.unwrap()).unwrap().unwrap();
    assert_eq!((&charge["payment_intent"], &charge["paid"]), (&json!(id), &json!(true)));
    assert_eq!(kinds(&world), ["payment_intent.succeeded"]);
}

#[tokio::test]
async fn an_intent_can_be_paid_as_it_is_made() {
    let world = World::new();
    let stripe = client(&world);
    assert_eq!(stripe.mode(), Mode::Standin);
    let new = NewIntent::new(Money::from_minor(50), "usd")
        .describing("A spa day & more")
        .receipt_to("rina@shop.test")
        .noting("payment_id", "5");
    let made = stripe.create_intent("a", &new.clone().paid_with("pm_card_mastercard")).await.unwrap();
    assert_eq!(
        (made.status, made.payment_method.as_deref()),
        (IntentStatus::Succeeded, Some("pm_card_mastercard"))
    );
    let declined = new.paid_with("pm_card_visa_chargeDeclinedInsufficientFunds");
    let trouble = stripe.create_intent("b", &declined).await.unwrap_err();
    let stripe::Trouble::Declined(decline) = &trouble else { panic!("{trouble:?}") };
    assert_eq!(decline.message.as_deref(), Some("Your card has insufficient funds."));
    assert_eq!(trouble.intent().unwrap().status, IntentStatus::RequiresPaymentMethod);
    assert_eq!(kinds(&world), ["payment_intent.succeeded", "payment_intent.payment_failed"]);
}

#[tokio::test]
async fn every_way_to_pay_ends_as_stripe_documents_it() {
    let world = World::new();
    for (method, status, outcome) in [
        ("pm_card_visa", 200, "succeeded"),
        ("pm_card_mastercard", 200, "succeeded"),
        ("pm_card_pendingRefund", 200, "succeeded"),
        ("pm_card_createDispute", 200, "succeeded"),
        ("pm_card_authenticationRequired", 200, "requires_action"),
        ("pm_usBankAccount_success", 200, "processing"),
        ("pm_card_visa_chargeDeclined", 402, "card_declined generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", 402, "card_declined insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", 402, "card_declined lost_card"),
        ("pm_card_visa_chargeDeclinedStolenCard", 402, "card_declined stolen_card"),
        ("pm_card_chargeDeclinedExpiredCard", 402, "expired_card expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", 402, "incorrect_cvc incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", 402, "processing_error processing_error"),
        ("pm_card_nobodys", 400, "resource_missing "),
    ] {
        let (id, _) = intent(&world).await;
        let form = format!("payment_method={method}");
        let told = post(&world, &format!("/v1/payment_intents/{id}/confirm"), &form).await.expect(status);
        let now = client(&world).intent(&id).await.unwrap();
        if status == 200 {
            assert_eq!(told.text_at("/status"), outcome, "{method}");
            assert_eq!(now.status.as_str(), outcome);
            continue;
        }
        let error = &told.json["error"];
        let codes = [&error["code"], &error["decline_code"]].map(|code| code.as_str().unwrap_or_default());
        assert_eq!(codes.join(" "), outcome, "{method}");
        assert_eq!(now.status, IntentStatus::RequiresPaymentMethod);
        if status == 402 {
            let last = now.last_error.unwrap();
            assert_eq!(
                (error["type"].as_str(), last.code.as_deref()),
                (Some("card_error"), error["code"].as_str())
            );
            assert_eq!(error["payment_intent"]["id"], *id);
            assert_eq!(
                (error["charge"].as_str(), last.message.as_deref()),
                (now.latest_charge.as_deref(), error["message"].as_str())
            );
            // The same intent may be paid with another card.
            assert_eq!(
                world.cloud.stripe.pay(&id, "pm_card_visa").unwrap()["last_payment_error"],
                Value::Null
            );
        }
    }
}

#[tokio::test]
async fn a_bank_may_ask_who_pays_or_take_its_time() {
    let world = World::new();
    let stripe = &world.cloud.stripe;
    let act = |method: &'static str, good: bool| {
        let world = &world;
        async move {
            let id = paid(world, method).await;
            let done = match method {
                "pm_usBankAccount_success" => stripe.clear(&id, good),
                _ => stripe.authenticate(&id, good),
            };
            assert!(
                stripe.authenticate(&id, good).is_err() && stripe.clear(&id, good).is_err(),
                "once is enough"
            );
            let done = done.unwrap();
            (done["status"].clone(), done["last_payment_error"]["code"].clone())
        }
    };
    let (paid, open) = (json!("succeeded"), json!("requires_payment_method"));
    assert_eq!(act("pm_card_authenticationRequired", true).await, (paid.clone(), Value::Null));
    let failed = act("pm_card_authenticationRequired", false).await;
    assert_eq!(failed, (open.clone(), json!("payment_intent_authentication_failure")));
    assert_eq!(act("pm_usBankAccount_success", true).await, (paid, Value::Null));
    let failed = act("pm_usBankAccount_success", false).await;
    assert_eq!(failed, (open, json!("payment_method_provider_decline")));
    let expected = [
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_intent.processing",
        "payment_intent.succeeded",
        "payment_intent.processing",
        "payment_intent.payment_failed",
    ];
    assert_eq!(kinds(&world), expected);
}

#[tokio::test]
async fn what_is_over_is_over() {
    let world = World::new();
    let stripe = client(&world);
    let (open, _) = intent(&world).await;
    let done = stripe.cancel_intent(&open, "a").await.unwrap();
    assert_eq!(
        (done.status, done.cancellation_reason.as_deref()),
        (IntentStatus::Canceled, Some("abandoned"))
    );
    assert_eq!(done.canceled_at, Some(world.clock.now()));
    let paid = paid(&world, "pm_card_visa").await;
    let processing = self::paid(&world, "pm_usBankAccount_success").await;
    for (intent, state) in [(&open, "canceled"), (&paid, "succeeded"), (&processing, "processing")] {
        for trouble in [
            stripe.cancel_intent(intent, &format!("x{intent}")).await.unwrap_err(),
            stripe.confirm_intent(intent, &format!("c{intent}"), "pm_card_visa").await.unwrap_err(),
        ] {
            assert!(trouble.is_unexpected_state(), "{trouble:?}");
            assert_eq!(trouble.intent().unwrap().status.as_str(), state);
        }
    }
    let kinds = kinds(&world);
    assert_eq!(kinds, ["payment_intent.canceled", "payment_intent.succeeded", "payment_intent.processing"]);
    assert!(stripe.intent("pi_nobodys").await.unwrap_err().is_missing());
    assert!(stripe.cancel_intent(&done.id.replace("pi_", "re_"), "z").await.unwrap_err().is_missing());
}

#[tokio::test]
async fn a_call_that_makes_no_sense_is_refused_and_leaves_nothing() {
    let world = World::new();
    let long = "x".repeat(501);
    for (form, code, param) in [
        ("currency=usd", "parameter_missing", "amount"),
        ("amount=1999", "parameter_missing", "currency"),
        ("amount=19.99&currency=usd", "parameter_invalid_integer", "amount"),
        ("amount=0&currency=usd", "parameter_invalid_integer", "amount"),
        ("amount=49&currency=usd", "amount_too_small", "amount"),
        ("amount=29&currency=gbp", "amount_too_small", "amount"),
        ("amount=100000000&currency=usd", "amount_too_large", "amount"),
        ("amount=&currency=usd", "parameter_invalid_empty", "amount"),
        ("amount=1999&currency=idr", "", "currency"),
        ("amount=1999&currency=usd&receipt_email=rina", "email_invalid", "receipt_email"),
        ("amount=1999&currency=usd&colour=red", "parameter_unknown", "colour"),
        ("amount=1999&currency=usd&metadata=5", "parameter_unknown", "metadata"),
        ("amount=1999&currency=usd&confirm=yes", "", "confirm"),
        ("amount=1999&currency=usd&return_url=https://a.test", "", "return_url"),
        ("amount=1999&currency=usd&confirm=true", "payment_intent_unexpected_state", ""),
        ("amount=1999&currency=usd&payment_method=pm_x", "resource_missing", "payment_method"),
        (&format!("amount=1999&currency=usd&metadata[a]={long}"), "", "metadata[a]"),
        (
            &format!("amount=1999&currency=usd&metadata[{}]=1", &long[..41]),
            "",
            &format!("metadata[{}]", &long[..41]),
        ),
    ] {
        let told = post(&world, "/v1/payment_intents", form).await.expect(400);
        let error = &told.json["error"];
        let said = [&error["code"], &error["param"]].map(|said| said.as_str().unwrap_or_default());
        assert_eq!((said, &error["type"]), ([code, param], &json!("invalid_request_error")), "{form}");
    }
    let bearer = format!("Bearer {SECRET}");
    let json = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let told = ask(&world, "POST", "/v1/payment_intents", &json, r#"{"amount":1999}"#).await.expect(400);
    assert_eq!(told.json["error"]["type"], "invalid_request_error");
    let old = [("authorization", bearer.as_str()), ("stripe-version", "2020-08-27")];
    let told = ask(&world, "GET", "/v1/refunds/re_1", &old, "").await.expect(400);
    assert!(told.text.contains("2020-08-27"));
    assert_eq!(kinds(&world), [""; 0]);
}
