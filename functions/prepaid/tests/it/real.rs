//! Where there is a real Stripe: nobody's card is charged that was not named.

use std::io::{Read, Write, copy};
use std::net::{TcpListener, TcpStream};
use std::thread;

use serde_json::{Value, json};
use testkit::{invoke, without};

use crate::shapes::payment;
use crate::till::{MOUNT, Till};

/// The key of an account that is not the stand-in's.
const KEY: &str = "sk_test_of_an_account";

/// A way to the stand-in for who has that key; the address it is at.
fn account(stripe: &str) -> String {
    let (host, path) = stripe.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/{path}", listener.local_addr().unwrap());
    let host = host.to_owned();
    thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, mut bank) = (client.unwrap(), TcpStream::connect(&host).unwrap());
            bank.write_all(request(&mut client).as_bytes()).unwrap();
            copy(&mut bank, &mut client).unwrap();
        }
    });
    address
}

/// One request, with the stand-in's key instead, after whose answer the connection ends.
fn request(client: &mut TcpStream) -> String {
    let (mut text, mut bytes) = (String::new(), [0; 4096]);
    loop {
        let count = client.read(&mut bytes).unwrap();
        text.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().unwrap())
        });
        if body.len() >= length.unwrap_or_default() {
            assert!(head.contains(KEY), "{head}");
            let head = head.replace(KEY, standins::stripe::SECRET_KEY);
            return format!("{head}\r\nconnection: close\r\n\r\n{body}");
        }
    }
}

#[tokio::test]
async fn a_purchase_without_a_card_is_to_be_paid_in_the_browser() {
    let till = Till::open().await;
    let bank = account(&till.world.whole.cloud.stripe_url());
    let host = till.world.whole.host("prepaid-http").unwrap();
    let name = format!("{}/prepaid/stripe-key", host.env.get("MERCATO_PARAMETERS").unwrap());
    till.world.whole.cloud.parameters.put(&name, KEY, true).unwrap();
    let shop = till.world.boot("prepaid-http", &[("MERCATO_STRIPE_API_BASE", &bank)]).await;
    let call = async |method: &str, path: &str, body: Value| {
        let path = format!("{MOUNT}{path}");
        let event = json!({
            "version": "2.0", "routeKey": "ANY /api/prepaid/{proxy+}", "rawPath": path, "rawQueryString": "",
            "headers": {
                "host": "mercato.test", "content-type": "application/json",
                "authorization": format!("Bearer {}", till.ama.access),
            },
            "requestContext": {
                "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7" },
                "stage": "$default", "routeKey": "ANY /api/prepaid/{proxy+}", "domainName": "mercato.test",
            },
            "body": body.to_string(), "isBase64Encoded": false,
        });
        let answer = invoke(&shop, &event).await;
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        (answer["statusCode"].as_u64().unwrap(), body)
    };
    let (_, config) = call("GET", "/payments/config/", Value::Null).await;
    assert_eq!((&config["mode"], &config["api_base"]), (&json!("test"), &json!(bank)));

    let order = json!({ "voucher_type_id": till.exam, "quantity": 1 });
    let (status, told) = call("POST", "/vouchers/purchase/", order.clone()).await;
    let (id, intent) = (told["payment_id"].as_str().unwrap(), told["payment_intent_id"].as_str().unwrap());
    let secret = told["client_secret"].as_str().unwrap();
    assert!(secret.starts_with(&format!("{intent}_secret_")), "{secret}");
    let text = "Payment required";
    let expected = json!({
        "error": text, "detail": text, "message": text, "payment_id": id, "payment_intent_id": intent,
        "client_secret": secret,
    });
    assert_eq!((status, &told), (402, &expected));
    let kept = till.payment(&till.ama, id).await;
    assert_eq!(without(&kept, &["vouchers", "refund"]), payment(&till, &till.ama, &kept));
    assert_eq!((&kept["status"], &kept["vouchers"]), (&json!("pending"), &json!([])));
    // Paid with Stripe.js, it is confirmed like any other.
    till.bank().pay(intent, "pm_card_visa").unwrap();
    let (status, confirmed) =
        call("POST", "/payments/confirm-payment/", json!({ "payment_intent_id": intent })).await;
    assert_eq!((status, confirmed["voucher_codes"].as_array().unwrap().len()), (200, 1));
    // With a card that was named, it is charged at once.
    let named = testkit::with(&order, &json!({ "payment_method_id": "pm_card_visa" }));
    let (status, bought) = call("POST", "/vouchers/purchase/", named).await;
    assert_eq!((status, &bought["payment"]["status"]), (201, &json!("completed")));
}
