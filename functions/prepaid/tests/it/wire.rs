//! What requests may look like, and what refusals do.

mod protected;
mod who;

use serde_json::{Value, json};
use testkit::{Answer, Settings, World};

use crate::till::{MOUNT, Till};

async fn send(till: &Till, method: &str, path: &str, kind: &str, body: &str) -> Answer {
    till.call(&till.staff, method, path).header("content-type", kind).body(body).send().await
}

#[tokio::test]
async fn bodies_that_are_no_objects_are_refused() {
    let till = Till::open().await;
    let code = till.code(&till.staff).await;
    till.discount("SPRING", json!({})).await;
    let (type_path, voucher) =
        (format!("/vouchers/types/{}/", till.exam), format!("/admin/vouchers/{code}/"));
    let before = till.world.shelf().await;
    for (method, path) in [
        ("POST", "/vouchers/types/"),
        ("PUT", &type_path),
        ("PATCH", &type_path),
        ("POST", "/vouchers/purchase/"),
        ("POST", "/vouchers/redeem/"),
        ("POST", "/vouchers/validate/"),
        ("POST", "/vouchers/reserve/"),
        ("POST", "/vouchers/claim/"),
        ("POST", "/payments/create-intent/"),
        ("POST", "/payments/confirm/"),
        ("POST", "/payments/refund/request/"),
        ("PATCH", &voucher),
        ("POST", &format!("{voucher}cancel/")),
        ("POST", "/admin/discounts/"),
        ("PUT", "/admin/discounts/d_SPRING/"),
        ("PATCH", "/admin/discounts/d_SPRING/"),
    ] {
        for (body, kind) in
            [("[]", "list"), ("[{}]", "list"), ("7", "int"), ("\"x\"", "str"), ("null", "NoneType")]
        {
            let answer = send(&till, method, path, "application/json", body).await.expect(400);
            let text = format!("Invalid data. Expected a dictionary, but got {kind}.");
            assert_eq!(answer.json, json!({ "non_field_errors": [text] }), "{method} {path} {body}");
        }
        for body in ["{", "{\"code\": }", "code=x", "{\"a\": 1}}", "\u{1}"] {
            let answer = send(&till, method, path, "application/json", body).await.expect(400);
            let members = answer.json.as_object().unwrap();
            assert_eq!(members.len(), 1, "{answer:?}");
            assert!(answer.text_at("detail").starts_with("JSON parse error - "), "{answer:?}");
        }
        let text = "Unsupported media type \"text/plain\" in request.";
        let plain = send(&till, method, path, "text/plain", "{}").await.expect(415);
        assert_eq!(plain.json, json!({ "detail": text }));
    }
    assert_eq!(till.world.shelf().await.changed_since(&before), Vec::<&str>::new());
}

#[tokio::test]
async fn forms_are_read_as_well() {
    let till = Till::open().await;
    let form = "application/x-www-form-urlencoded; charset=utf-8";
    let order = format!("voucher_type_id={}&quantity=2&payment_method_id=pm_card_visa", till.exam);
    let bought = send(&till, "POST", "/vouchers/purchase/", form, &order).await.expect(201);
    let use_it =
        format!("code={}&service_type=result_check", bought.json["vouchers"][0]["code"].as_str().unwrap());
    send(&till, "POST", "/vouchers/redeem/", form, &use_it).await.expect(200);
    let ask = format!("payment_id={}&reason=other&amount=10.00", bought.text_at("payment.id"));
    send(&till, "POST", "/payments/refund/request/", form, &ask).await.expect(201);
}

#[tokio::test]
async fn routes_and_methods_that_there_are_not_are_told_in_json() {
    let till = Till::open().await;
    for path in [
        "/",
        "/nothing/",
        "/vouchers/",
        "/vouchers/nothing/",
        "/payments/",
        "/admin/nothing/",
        "/vouchers/types/1/x/",
        "/analytics/",
    ] {
        for answer in
            [till.get(&till.ama, path).await, till.world.get(&format!("{MOUNT}{path}")).send().await]
        {
            assert_eq!(answer.header("content-type"), "application/json", "{path}");
            assert_eq!(answer.expect(404).json, json!({ "detail": "Not found." }), "{path}");
        }
    }
    for (method, path) in [
        ("POST", "/health/"),
        ("DELETE", "/vouchers/types/"),
        ("POST", "/vouchers/types/1/"),
        ("POST", "/vouchers/my-vouchers/"),
        ("GET", "/vouchers/purchase/"),
        ("PUT", "/vouchers/redeem/"),
        ("GET", "/vouchers/validate/"),
        ("DELETE", "/vouchers/detail/x/"),
        ("GET", "/payments/create-intent/"),
        ("PUT", "/payments/confirm/"),
        ("DELETE", "/payments/transaction/x/"),
        ("GET", "/payments/refund/request/"),
        ("POST", "/analytics/dashboard/"),
        ("GET", "/admin/vouchers/x/"),
        ("DELETE", "/admin/vouchers/x/"),
        ("GET", "/admin/refunds/x/approve/"),
        ("POST", "/admin/discounts/x/"),
        ("DELETE", "/admin/payments/"),
    ] {
        let answer = till.call(&till.staff, method, path).json(&json!({})).send().await.expect(405);
        assert_eq!(answer.json, json!({ "detail": format!("Method \"{method}\" not allowed.") }), "{path}");
    }
}

#[tokio::test]
async fn slashes_and_dangling_queries_do_no_harm() {
    let till = Till::open().await;
    let health = json!({ "status": "healthy", "django": "running" });
    let test = json!({ "message": "Backend is working!", "status": "success", "version": "1.0.0" });
    for (path, expected) in [("health", &health), ("health/", &health), ("test", &test), ("test/?x=1", &test)]
    {
        let answer = till.world.get(&format!("{MOUNT}/{path}")).bearer("stale").send().await;
        assert_eq!(answer.expect(200).json, *expected, "{path}");
    }
    for slash in ["", "/"] {
        let order = json!({ "voucher_type_id": till.exam });
        let bought =
            till.post(&till.ama, &format!("/vouchers/purchase{slash}"), order.clone()).await.expect(201);
        let code = bought.json["vouchers"][0]["code"].as_str().unwrap();
        let payment = bought.text_at("payment.id");
        for path in [
            "/vouchers/types",
            "/vouchers/types/1",
            "/vouchers/my-vouchers",
            "/vouchers/stats",
            "/vouchers/usage-history",
            &format!("/vouchers/detail/{code}"),
            "/payments/config",
            "/payments/history",
            &format!("/payments/transaction/{payment}"),
            "/payments/refunds",
            "/analytics/user",
        ] {
            till.get(&till.ama, &format!("{path}{slash}")).await.expect(200);
            till.get(&till.ama, &format!("{path}{slash}?&&x=")).await.expect(200);
        }
        for path in [
            "/analytics/dashboard",
            "/analytics/revenue",
            "/admin",
            "/admin/vouchers",
            "/admin/payments",
            "/admin/refunds",
            "/admin/discounts",
            "/admin/users",
        ] {
            till.get(&till.staff, &format!("{path}{slash}")).await.expect(200);
        }
        for path in ["create-payment-intent", "create-intent"] {
            let made =
                till.post(&till.ama, &format!("/payments/{path}{slash}"), order.clone()).await.expect(201);
            let intent = made.text_at("payment_intent_id");
            till.bank().pay(&intent, "pm_card_visa").unwrap();
            let confirm = path.replace("create", "confirm").replace("-intent", "");
            let confirm = format!(
                "/payments/{}{slash}",
                if confirm == "confirm" { "confirm" } else { "confirm-payment" }
            );
            till.post(&till.ama, &confirm, json!({ "payment_intent_id": intent })).await.expect(200);
        }
        till.redeems(&till.ama, code).await.expect(200);
        let check = json!({ "code": code, "service_type": "result_check" });
        till.post(&till.ama, &format!("/vouchers/validate{slash}"), check.clone()).await.expect(200);
        let held =
            till.post(&till.ama, &format!("/vouchers/reserve{slash}"), check).await.expect(201).text_at("id");
        till.post(&till.ama, &format!("/vouchers/reserve/{held}/release{slash}"), json!({}))
            .await
            .expect(200);
        let reason = json!({ "reason": "lost" });
        till.post(&till.staff, &format!("/admin/vouchers/{code}/cancel{slash}"), reason).await.expect(200);
    }
}

#[tokio::test]
async fn browsers_of_the_shop_may_ask() {
    let till = Till::open().await;
    for (method, path) in
        [("POST", "/vouchers/redeem/"), ("GET", "/vouchers/types/"), ("DELETE", "/admin/discounts/x/")]
    {
        let call =
            till.world.call("OPTIONS", &format!("{MOUNT}{path}")).header("origin", "http://localhost:3000");
        let call = call.header("access-control-request-method", method);
        let answer = call
            .header("access-control-request-headers", "authorization, content-type, idempotency-key")
            .send()
            .await;
        assert!(matches!(answer.status.as_u16(), 200 | 204), "{answer:?}");
        assert!(answer.header("access-control-allow-methods").contains(method), "{method}");
        for header in ["authorization", "content-type", "idempotency-key"] {
            assert!(answer.header("access-control-allow-headers").contains(header), "{header}");
        }
    }
    let refused = till
        .world
        .get(&format!("{MOUNT}/vouchers/stats/"))
        .header("origin", "http://localhost:3000")
        .send()
        .await;
    assert!(!refused.expect(401).header("access-control-allow-origin").is_empty());
    assert_eq!(Value::Null, till.get(&till.ama, "/vouchers/types/").await.json["next"]);
}

#[tokio::test]
async fn too_many_requests_are_told_when_to_come_again() {
    let till = Till::within(World::with(Settings { throttle: "30,20".to_owned() }).await).await;
    let mut left = 0;
    let over = loop {
        let answer = till.get(&till.kofi, "/vouchers/stats/").await;
        if answer.status != 200 {
            break answer;
        }
        left += 1;
    };
    assert_eq!(left, 20);
    assert_eq!(over.header("retry-after"), "1800");
    let text = "Request was throttled. Expected available in 1800 seconds.";
    assert_eq!(over.expect(429).json, json!({ "detail": text }));
    till.get(&till.ama, "/vouchers/stats/").await.expect(200);
}
