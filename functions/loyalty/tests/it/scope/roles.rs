//! Roles and standings, which the live record decides.

use serde_json::json;
use testkit::Person;

use super::Cast;
use crate::shop::told;

const FORBIDDEN: &str = "You do not have permission to perform this action.";

/// How many members somebody sees with this token.
async fn sees(cast: &Cast, person: &Person) -> u64 {
    let list = cast.shop.as_person(person, "GET", "/members/").send().await.expect(200);
    list.json["count"].as_u64().unwrap()
}

async fn set(cast: &Cast, person: &Person, body: serde_json::Value) {
    let path = format!("/auth/users/{}/", person.id);
    cast.shop.as_person(&cast.shop.admin, "PATCH", &path).json(&body).send().await.expect(200);
}

#[tokio::test]
async fn a_role_acts_with_the_very_next_request_of_an_old_token() {
    let cast = Cast::assemble().await;
    let (shop, owner) = (&cast.shop, &cast.owner);
    let earn = json!({ "member": cast.mine, "transaction_type": "earn", "points": 1 });
    let book = || async { shop.as_person(owner, "POST", "/points/").json(&earn).send().await };
    assert_eq!(sees(&cast, owner).await, 1);
    told(book().await, 403, FORBIDDEN);
    set(&cast, owner, json!({ "role": "staff" })).await;
    assert_eq!(sees(&cast, owner).await, 2);
    book().await.expect(201);
    told(shop.as_person(owner, "DELETE", "/members/MEM-002/").send().await, 403, FORBIDDEN);
    set(&cast, owner, json!({ "role": "admin" })).await;
    shop.as_person(owner, "DELETE", "/members/MEM-002/").send().await.expect(200);
    set(&cast, owner, json!({ "role": "member" })).await;
    told(book().await, 403, FORBIDDEN);
    assert_eq!(sees(&cast, owner).await, 1);
    // And so does the loss of one that the token still names.
    assert_eq!(sees(&cast, &shop.clerk).await, 1);
    set(&cast, &shop.clerk, json!({ "role": "member" })).await;
    assert_eq!(sees(&cast, &shop.clerk).await, 0);
    told(shop.get(&format!("/members/{}/", cast.mine)).await, 404, "Not found.");
    let before = shop.world.shelf().await;
    let form = json!({ "name": "New", "email": "new@mail.test", "phone": "1", "join_date": "2026-01-01" });
    told(shop.post("/members/", form).await, 403, FORBIDDEN);
    told(shop.post("/points/", earn.clone()).await, 403, FORBIDDEN);
    let changed = shop.world.shelf().await;
    assert!(
        changed.changed_since(&before).iter().all(|key| key.starts_with("SEQUENCE#")),
        "at most a gap is left"
    );
}

#[tokio::test]
async fn whoever_is_stopped_is_stopped_everywhere_at_once() {
    for status in ["suspended", "inactive"] {
        let cast = Cast::assemble().await;
        let id = cast.shop.redeemed(&cast.mine, &cast.voucher).await;
        for person in [&cast.owner, &cast.shop.clerk] {
            set(&cast, person, json!({ "status": status })).await;
            for (method, path) in [
                ("GET", "/members/".to_owned()),
                ("GET", "/members/me/".to_owned()),
                ("GET", "/points/".to_owned()),
                ("GET", "/vouchers/".to_owned()),
                ("GET", "/redeem/statistics/".to_owned()),
                ("POST", "/redeem/".to_owned()),
                ("POST", format!("/redeem/{id}/cancel/")),
                ("POST", "/points/".to_owned()),
            ] {
                let call = cast.shop.as_person(person, method, &path);
                let answer = call.json(&json!({ "member": cast.mine, "voucher": cast.voucher })).send().await;
                let answer = answer.expect(401);
                assert_eq!(
                    (answer.json["detail"].as_str(), answer.json["code"].as_str()),
                    (Some("User is inactive"), Some("user_inactive"))
                );
            }
        }
        assert_eq!(cast.shop.world.shelf().await.of_kind("redemption").count(), 1);
    }
}
