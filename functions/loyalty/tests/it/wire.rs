//! What requests may look like, and what refusals do.

mod paging;
mod protected;

use serde_json::{Value, json};
use testkit::{Settings, World};

use crate::shop::{MOUNT, Shop, refused, told};

const ANONYMOUS: &str = "Authentication credentials were not provided.";

/// The same request with a body of another kind.
async fn send(shop: &Shop, method: &str, path: &str, kind: &str, body: &str) -> testkit::Answer {
    shop.call(method, path).header("content-type", kind).body(body).send().await
}

#[tokio::test]
async fn bodies_that_are_no_objects_are_refused_in_the_envelope() {
    let shop = Shop::open().await;
    let id = shop.member("Sari").await;
    let voucher = shop.voucher("KOPI20", 1, 1).await;
    let (member, voucher) = (format!("/members/{id}/"), format!("/vouchers/{voucher}/"));
    for (method, path) in [
        ("POST", "/members/"),
        ("PUT", &member),
        ("PATCH", &member),
        ("POST", "/points/"),
        ("POST", "/vouchers/"),
        ("PUT", &voucher),
        ("PATCH", &voucher),
        ("POST", "/redeem/"),
    ] {
        for (body, kind) in
            [("[]", "list"), ("[{}]", "list"), ("7", "int"), ("\"x\"", "str"), ("null", "NoneType")]
        {
            let text = format!("Invalid data. Expected a dictionary, but got {kind}.");
            let answer = send(&shop, method, path, "application/json", body).await.expect(400);
            let details = json!({ "non_field_errors": [text] });
            let expected = json!({
                "success": false, "message": text, "non_field_errors": [text],
                "error": { "message": text, "details": details, "status_code": 400 },
            });
            assert_eq!(answer.json, expected, "{method} {path} {body}");
        }
        for body in ["{", "{\"name\": }", "name=x", "{\"a\": 1}}", "\u{1}"] {
            let answer = send(&shop, method, path, "application/json", body).await;
            let detail = answer.json["detail"].as_str().unwrap_or_default().to_owned();
            assert!(detail.starts_with("JSON parse error - "), "{answer:?}");
            told(answer, 400, &detail);
        }
        let text = "Unsupported media type \"text/plain\" in request.";
        told(send(&shop, method, path, "text/plain", "{}").await, 415, text);
        let large = format!("{{\"name\": \"{}\"}}", "x".repeat(1_048_576));
        told(send(&shop, method, path, "application/json", &large).await, 413, "Request body is too large.");
    }
    told(send(&shop, "POST", "/points/", "", "{}").await, 415, "Unsupported media type \"\" in request.");
    // A body that is not needed is not looked at.
    let entry = shop.post("/members/", json!({})).await;
    assert_eq!(entry.status, 400);
    let nothing = shop.call("POST", "/points/").send().await;
    assert_eq!(nothing.expect(400).json["points"], json!(["This field is required."]));
}

#[tokio::test]
async fn forms_are_read_as_well() {
    let shop = Shop::open().await;
    let form = "application/x-www-form-urlencoded";
    let body = "name=Sari+Wulan&email=sari%40shop.test&phone=%2B62+811&join_date=2025-11-02";
    let made = send(&shop, "POST", "/members/", form, body).await.expect(201);
    assert_eq!(
        (made.text_at("data.name").as_str(), made.text_at("data.phone").as_str()),
        ("Sari Wulan", "+62 811")
    );
    let charset = "application/x-www-form-urlencoded; charset=utf-8";
    send(&shop, "POST", "/points/", charset, "member=MEM-001&transaction_type=earn&points=900")
        .await
        .expect(201);
    let body =
        "code=A&name=A&points_cost=10&stock=3&discount_value=2.5&start_date=2026-03-01&end_date=2026-03-02";
    let voucher = send(&shop, "POST", "/vouchers/", form, body).await.expect(201).text_at("data.id");
    let body = format!("memberId=MEM-001&voucherId={voucher}");
    let id = send(&shop, "POST", "/redeem/", form, &body).await.expect(201).text_at("data.id");
    send(&shop, "PUT", &format!("/redeem/{id}/"), form, "status=Used").await.expect(200);
    send(&shop, "PATCH", "/members/MEM-001/", form, "address=Jl.+Melati").await.expect(200);
    let bad = send(&shop, "POST", "/points/", form, "member=MEM-001&points=x").await;
    let required = json!(["This field is required."]);
    refused(bad, json!({ "transaction_type": required, "points": ["A valid integer is required."] }));
}

#[tokio::test]
async fn whoever_is_unknown_is_told_so_everywhere() {
    let mut shop = Shop::open().await;
    let login = json!({ "username": "staff1", "password": "blue-whale-17" });
    let refresh = shop.world.post("/api/auth/login/", &login).send().await.expect(200).text_at("refresh");
    let old = shop.clerk.access.clone();
    shop.at("2026-03-01T09:31:00Z").await;
    // A token without a signature: whoever takes it would take anything.
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", shop.clerk.access.split('.').nth(1).unwrap());
    let details = json!({
        "detail": "Given token not valid for any token type", "code": "token_not_valid",
        "messages": [{ "token_class": "AccessToken", "token_type": "access", "message": "Token is invalid or expired" }],
    });
    for (method, path) in [
        ("GET", "/members/"),
        ("POST", "/members/"),
        ("GET", "/redeem/x/"),
        ("POST", "/redeem/x/cancel/"),
        ("DELETE", "/vouchers/x/"),
    ] {
        let call = || shop.world.call(method, &format!("{MOUNT}{path}"));
        for header in ["", "Basic c3RhZmYxOng=", "nonsense"] {
            let answer = call().header("authorization", header).send().await;
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"api\"");
            told(answer, 401, ANONYMOUS);
        }
        told(call().send().await, 401, ANONYMOUS);
        for token in ["garbage", &refresh, &old, &unsigned, ""] {
            let answer = call().bearer(token).send().await;
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"api\"");
            let text = "Given token not valid for any token type";
            let mut expected = details.clone();
            let envelope = json!({
                "success": false, "message": text,
                "error": { "message": text, "details": details, "status_code": 401 },
            });
            expected.as_object_mut().unwrap().extend(envelope.as_object().unwrap().clone());
            assert_eq!(answer.expect(401).json, expected, "{method} {path} {token}");
        }
    }
}

#[tokio::test]
async fn routes_and_methods_that_there_are_not_are_told_in_json() {
    let shop = Shop::open().await;
    for path in [
        "/",
        "/nothing/",
        "/members/MEM-001/nothing/",
        "/redeem/x/burn/",
        "/points/member/x/y/",
        "/redeem/by-code/",
    ] {
        let answer = shop.get(path).await;
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
        told(answer, 404, "Not found.");
    }
    for (method, path) in [
        ("DELETE", "/members/"),
        ("PUT", "/points/"),
        ("POST", "/members/MEM-001/"),
        ("PATCH", "/vouchers/"),
        ("POST", "/members/statistics/"),
        ("PUT", "/members/me/"),
        ("DELETE", "/vouchers/statistics/"),
        ("PATCH", "/points/statistics/"),
        ("PUT", "/redeem/statistics/"),
        ("GET", "/redeem/x/cancel/"),
        ("PUT", "/redeem/x/mark-used/"),
        ("POST", "/points/member/MEM-001/"),
        ("POST", "/redeem/by-code/x/"),
    ] {
        let answer = shop.as_person(&shop.admin, method, path).json(&json!({})).send().await;
        told(answer, 405, &format!("Method \"{method}\" not allowed."));
    }
}

#[tokio::test]
async fn slashes_versions_and_dangling_queries_do_no_harm() {
    let shop = Shop::open().await;
    let id = shop.member_with("Sari", 900).await;
    let voucher = shop.voucher("KOPI20", 10, 9).await;
    let token = &shop.clerk.access;
    for path in [
        "members",
        "members/",
        "members?",
        "members/?",
        "members/?&",
        "members/?status=Active&",
        "members?&&status=&search=",
        "members//",
    ] {
        for mount in ["/api/loyalty", "/api/v1/loyalty"] {
            let list = shop.world.get(&format!("{mount}/{path}")).bearer(token).send().await.expect(200);
            assert_eq!(list.json["data"][0]["id"], json!(id), "{mount}/{path}");
        }
    }
    for slash in ["", "/"] {
        let redeemed =
            shop.post(&format!("/redeem{slash}"), json!({ "member": id, "voucher": voucher })).await;
        let redeemed = redeemed.expect(201).text_at("data.id");
        let used = shop
            .post(&format!("/redeem/{redeemed}/update-status{slash}"), json!({ "status": "Completed" }))
            .await;
        assert_eq!(used.expect(200).json["data"]["status"], "Completed");
        shop.put(&format!("/redeem/{redeemed}{slash}"), json!({ "status": "Used" })).await.expect(200);
        shop.patch(&format!("/members/{id}{slash}"), json!({ "address": slash })).await.expect(200);
        shop.get(&format!("/points/member/{id}{slash}")).await.expect(200);
        shop.get(&format!("/vouchers/statistics{slash}")).await.expect(200);
        let gone = shop.voucher(&format!("V{slash}"), 1, 1).await;
        shop.remove(&format!("/vouchers/{gone}{slash}")).await.expect(200);
    }
}

#[tokio::test]
async fn browsers_may_ask_from_anywhere() {
    let shop = Shop::open().await;
    for (method, path) in [
        ("PATCH", "/members/MEM-001/"),
        ("POST", "/redeem/"),
        ("DELETE", "/vouchers/x/"),
        ("GET", "/points/statistics/"),
    ] {
        let preflight =
            shop.world.call("OPTIONS", &format!("{MOUNT}{path}")).header("origin", "https://desk.test");
        let answer = preflight.header("access-control-request-method", method).send().await.expect(200);
        for method in ["DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"] {
            assert!(answer.header("access-control-allow-methods").contains(method), "{method} in {answer:?}");
        }
        for header in ["authorization", "content-type", "idempotency-key", "x-requested-with"] {
            assert!(answer.header("access-control-allow-headers").contains(header), "{header} in {answer:?}");
        }
        assert_eq!(answer.header("access-control-max-age"), "86400");
    }
    let refused = shop
        .world
        .get("/api/loyalty/members/")
        .header("origin", "https://desk.test")
        .send()
        .await
        .expect(401);
    assert!(!refused.header("access-control-allow-origin").is_empty());
}

#[tokio::test]
async fn too_many_requests_are_told_when_to_come_again() {
    let shop = Shop::within(World::with(Settings { throttle: "30,20".to_owned() }).await).await;
    let mut left = 0;
    let over = loop {
        let answer = shop.get("/vouchers/").await;
        if answer.status != 200 {
            break answer;
        }
        left += 1;
    };
    assert_eq!(left, 20);
    assert_eq!(over.header("retry-after"), "1800");
    told(over, 429, "Request was throttled. Expected available in 1800 seconds.");
    let one_more = shop.as_person(&shop.admin, "GET", "/vouchers/").send().await;
    assert_eq!(one_more.expect(200).json["results"], Value::Array(Vec::new()));
}
