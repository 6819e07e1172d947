//! The client against a server that says what it is told to.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// What the server does with a request.
#[derive(Clone, Debug)]
enum Act {
    Answer(u16, String),
    /// Reads it and hangs up.
    HangUp,
    /// Promises more than it sends.
    CutOff,
    /// Says nothing for longer than anybody waits.
    Sleep,
}

/// A server with a script, and what it heard.
struct Server {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(script: impl IntoIterator<Item = Act>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (told, script) = (heard.clone(), Arc::new(Mutex::new(VecDeque::from_iter(script))));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (told, script) = (told.clone(), script.clone());
                tokio::spawn(async move {
                    let mut stream = stream;
                    let request = hear(&mut stream).await;
                    let act = script.lock().unwrap().pop_front();
                    told.lock().unwrap().push(request);
                    perform(&mut stream, act.expect("the script is long enough")).await;
                });
            }
        });
        Self { address, heard }
    }

    fn stripe(&self) -> Stripe {
        let patience = Patience {
            attempt: Duration::from_millis(400),
            whole: Duration::from_secs(2),
            pause: Duration::from_millis(4),
        };
        Stripe::patient(&format!("http://{}/", self.address), "sk_test_standin", patience).unwrap()
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// A request, whole.
async fn hear(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(read > 0, "half a request: {text}");
        bytes.extend_from_slice(&buffer[..read]);
    }
}

async fn perform(stream: &mut TcpStream, act: Act) {
    let answer = |status: u16, length: usize, body: &str| {
        format!("HTTP/1.1 {status} .\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
    };
    let text = match act {
        Act::Answer(status, body) => answer(status, body.len(), &body),
        Act::CutOff => answer(200, 1000, "{"),
        Act::HangUp => return,
        Act::Sleep => return sleep(Duration::from_secs(5)).await,
    };
    stream.write_all(text.as_bytes()).await.unwrap();
}

fn intent() -> Act {
    let intent = json!({
        "id": "pi_1", "object": "payment_intent", "amount": 1999, "amount_received": 1999, "currency": "usd",
        "status": "succeeded", "client_secret": "pi_1_secret_x", "latest_charge": "ch_1",
        "last_payment_error": null, "metadata": { "payment_id": "5" }, "payment_method": "pm_1",
        "cancellation_reason": null, "canceled_at": null, "created": 1_759_480_000, "livemode": false,
        "something_new": { "deep": [1] },
    });
    Act::Answer(200, intent.to_string())
}

fn refusal(status: u16, kind: &str, code: &str) -> Act {
    Act::Answer(status, json!({ "error": { "type": kind, "code": code, "message": "No." } }).to_string())
}

/// A header or the body of a request as it was heard.
fn part<'a>(request: &'a str, name: &str) -> &'a str {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    if name == "body" {
        return body;
    }
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or("absent")
}

#[tokio::test]
async fn a_call_is_a_form_with_a_key_and_a_version() {
    let server = Server::start([intent(), intent()]).await;
    let stripe = server.stripe();
    let paid = stripe.confirm_intent("pi_1", "prepaid-pic-5-1", "pm_card_visa").await.unwrap();
    assert_eq!((paid.amount_received.minor(), paid.latest_charge.as_deref()), (1999, Some("ch_1")));
    assert_eq!(paid.metadata["payment_id"], "5");
    stripe.intent("pi_1").await.unwrap();
    let heard = server.heard();
    assert!(heard[0].starts_with("POST /v1/payment_intents/pi_1/confirm HTTP/1.1\r\n"), "{}", heard[0]);
    for (name, value) in [
        ("authorization", "Bearer sk_test_standin"),
        ("stripe-version", "2024-06-20"),
        ("idempotency-key", "prepaid-pic-5-1"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("body", "payment_method=pm_card_visa"),
    ] {
        assert_eq!(part(&heard[0], name), value, "{name}");
    }
    assert!(heard[1].starts_with("GET /v1/payment_intents/pi_1 HTTP/1.1\r\n"), "{}", heard[1]);
    assert_eq!(part(&heard[1], "idempotency-key"), "absent");
}

#[tokio::test]
async fn what_may_pass_is_asked_again_with_the_same_key() {
    let passing = [
        Act::HangUp,
        Act::CutOff,
        Act::Sleep,
        refusal(409, "idempotency_error", "idempotency_key_in_use"),
        refusal(429, "invalid_request_error", "rate_limit"),
        refusal(500, "api_error", ""),
        Act::Answer(503, "<html>".to_owned()),
    ];
    for act in passing {
        let server = Server::start([act.clone(), act.clone(), act.clone(), intent()]).await;
        let paid = server.stripe().cancel_intent("pi_1", "prepaid-pix-5").await;
        assert!(paid.is_ok(), "{act:?}: {paid:?}");
        let heard = server.heard();
        assert_eq!(heard.len(), 4, "{act:?}");
        assert!(heard.iter().all(|request| part(request, "idempotency-key") == "prepaid-pix-5"));
        assert!(heard.iter().all(|request| part(request, "body") == "cancellation_reason=abandoned"));
    }
}

#[tokio::test]
async fn four_attempts_are_enough() {
    let act = refusal(503, "api_error", "");
    let server = Server::start(vec![act; 5]).await;
    let trouble = server.stripe().intent("pi_1").await.unwrap_err();
    assert_eq!(trouble, Trouble::Unavailable("it answered 503".to_owned()));
    assert_eq!(server.heard().len(), 4);
}

#[tokio::test]
async fn a_whole_call_is_bounded() {
    let server = Server::start(vec![Act::Sleep; 9]).await;
    let patience = Patience { whole: Duration::from_millis(500), ..server.stripe().0.patience };
    let base = format!("http://{}", server.address);
    let stripe = Stripe::patient(&base, "sk_test_standin", patience).unwrap();
    let trouble = stripe.intent("pi_1").await.unwrap_err();
    assert_eq!(trouble, Trouble::Unavailable("no answer in time".to_owned()));
}

#[tokio::test]
async fn a_refusal_is_final() {
    for (status, kind, code) in [
        (400, "invalid_request_error", "parameter_missing"),
        (400, "idempotency_error", ""),
        (401, "invalid_request_error", ""),
        (404, "invalid_request_error", "resource_missing"),
    ] {
        let server = Server::start([refusal(status, kind, code)]).await;
        let trouble = server.stripe().find_refund("re_1").await.unwrap_err();
        let Trouble::Refused(refusal) = &trouble else { panic!("{trouble:?}") };
        assert_eq!((refusal.status, refusal.kind.as_str()), (status, kind));
        assert_eq!(trouble.is_missing(), status == 404);
        assert_eq!(server.heard().len(), 1);
    }
}

#[tokio::test]
async fn a_decline_tells_why_and_how_the_intent_is_now() {
    let Act::Answer(_, intent) = intent() else { unreachable!() };
    let mut intent: serde_json::Value = serde_json::from_str(&intent).unwrap();
    intent["status"] = json!("requires_payment_method");
    let error = json!({
        "type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds",
        "message": "Your card has insufficient funds.", "charge": "ch_1", "payment_intent": intent,
    });
    let server = Server::start([Act::Answer(402, json!({ "error": error }).to_string())]).await;
    let new = NewIntent::new(wire::Money::from_minor(1999), "usd").paid_with("pm_card_visa");
    let trouble = server.stripe().create_intent("prepaid-pi-5", &new).await.unwrap_err();
    let Trouble::Declined(decline) = &trouble else { panic!("{trouble:?}") };
    assert_eq!(decline.decline_code.as_deref(), Some("insufficient_funds"));
    assert_eq!(decline.message.as_deref(), Some("Your card has insufficient funds."));
    assert_eq!(trouble.intent().unwrap().status, crate::IntentStatus::RequiresPaymentMethod);
}

#[tokio::test]
async fn what_is_no_id_is_missing_and_is_not_asked_for() {
    let server = Server::start([]).await;
    let stripe = server.stripe();
    for id in ["", "pi_1/cancel", "pi 1", "..", "pi_1?x", &"x".repeat(256)] {
        assert!(stripe.intent(id).await.unwrap_err().is_missing(), "{id}");
        assert!(stripe.cancel_intent(id, "key").await.unwrap_err().is_missing(), "{id}");
    }
    assert_eq!(server.heard().len(), 0);
}

#[test]
fn keys_and_addresses_are_judged_before_the_first_call() {
    let rows = [
        ("https://api.stripe.com", "sk_live_x", Some(Mode::Live)),
        ("https://api.stripe.com/", "rk_live_x", Some(Mode::Live)),
        ("https://api.stripe.com", "sk_test_x", Some(Mode::Test)),
        ("http://127.0.0.1:1/stripe", "sk_test_standin", Some(Mode::Standin)),
        ("http://127.0.0.1:1", "sk_live_x", None),
        ("ftp://api.stripe.com", "sk_test_x", None),
        ("", "sk_test_x", None),
        ("https://api.stripe.com", "pk_live_x", None),
        ("https://api.stripe.com", "sk_test_\n", None),
        ("https://api.stripe.com", "", None),
    ];
    for (base, key, mode) in rows {
        let made = Stripe::new(base, key);
        assert_eq!(made.as_ref().ok().map(Stripe::mode), mode, "{base} {key}: {made:?}");
        if let Ok(stripe) = made {
            assert!(!format!("{stripe:?}").contains(key));
        }
    }
}

#[test]
fn pauses_grow_and_differ() {
    for repetition in 1..ATTEMPTS {
        let whole = Duration::from_millis(250) * 2_u32.pow(repetition - 1);
        let pauses: Vec<_> = (0..200).map(|_| pause(Duration::from_millis(250), repetition)).collect();
        assert!(pauses.iter().all(|pause| (whole / 2..=whole).contains(pause)), "{repetition}");
        assert!(pauses.iter().any(|pause| *pause != pauses[0]));
    }
}
