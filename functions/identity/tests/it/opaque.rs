//! The tokens of clients that keep one for good.

use std::time::Duration;

use access::{Opaque, Principal};
use identity::dialect::CANONICAL;
use identity::session::opaque;
use serde_json::json;
use testkit::{Answer, Fault, World};

use crate::{PASSWORD, admin, someone};

async fn issue(world: &World, id: &str) -> String {
    let key = Principal::key_of(id.parse().unwrap());
    let principal: Principal = world.table.get_strong(&key).await.unwrap().unwrap();
    let (text, tx) = opaque::issue(&principal, CANONICAL, world.clock.now());
    world.table.commit(tx).await.unwrap();
    text
}

async fn me(world: &World, token: &str) -> Answer {
    world.get("/api/auth/me/").header("authorization", &format!("Token {token}")).send().await
}

#[tokio::test]
async fn a_token_opens_every_guarded_route_and_is_stored_hashed() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    let token = issue(&world, &rina.id).await;
    assert_eq!(me(&world, &token).await.expect(200).json["username"], "rina");
    let header = format!("token {token}");
    world.get("/api/auth/sessions/").header("authorization", &header).send().await.expect(200);
    world.get("/api/auth/users/").header("authorization", &header).send().await.expect(403);
    let stored = world.item(&Opaque::key_of(&token)).await.unwrap();
    assert!(!format!("{stored:?}").contains(&token));

    let mut altered = token.clone();
    altered.replace_range(53..54, if token.ends_with('0') { "1" } else { "0" });
    let foreign = format!("{:014x}{}", 1, &token[14..]);
    for forged in [altered.as_str(), &foreign, &token[..53], "", "not a token", &rina.access] {
        let refused = me(&world, forged).await.expect(401);
        assert_eq!(refused.json["code"], "token_not_valid", "{forged}");
    }
}

#[tokio::test]
async fn a_role_acts_with_the_very_next_request() {
    let world = World::new().await;
    let (admin, rina) = (admin(&world).await, someone(&world, "rina").await);
    let header = format!("Token {}", issue(&world, &rina.id).await);
    let users = || world.get("/api/auth/users/").header("authorization", &header);
    let path = format!("/api/auth/users/{}/", rina.id);
    let give = |role: &str| {
        let body = json!({ "roles": { "platform": role } });
        world.call("PATCH", &path).json(&body).bearer(&admin.access)
    };
    users().send().await.expect(403);
    // What the records said first is what lagging reads say from here on.
    world.faults.chance(1, &[(Fault::Stale, 100)]);
    give("admin").send().await.expect(200);
    users().send().await.expect(200);
    give("user").send().await.expect(200);
    users().send().await.expect(403);
    world.faults.chance(1, &[]);
    give("admin").send().await.expect(200);
    users().send().await.expect(200);
    world.faults.chance(1, &[(Fault::Stale, 100)]);
    give("user").send().await.expect(200);
    users().send().await.expect(403);
}

#[tokio::test]
async fn it_ends_thirty_days_after_its_last_use() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    let token = issue(&world, &rina.id).await;
    for _ in 0..5 {
        world.clock.advance(Duration::from_hours(29 * 24));
        me(&world, &token).await.expect(200);
    }
    world.clock.advance(Duration::from_hours(30 * 24));
    me(&world, &token).await.expect(401);
}

#[tokio::test]
async fn signing_out_a_new_password_or_a_suspension_end_it_at_once() {
    let world = World::new().await;
    let (admin, rina) = (admin(&world).await, someone(&world, "rina").await);
    let (token, other) = (issue(&world, &rina.id).await, issue(&world, &rina.id).await);
    let header = format!("Token {token}");
    let out = |body| world.post("/api/auth/logout/", &body).header("authorization", &header);
    out(json!({ "refresh": rina.refresh })).send().await.expect(205);
    me(&world, &token).await.expect(200);
    out(json!({})).send().await.expect(205);
    me(&world, &token).await.expect(401);
    me(&world, &other).await.expect(200);
    assert!(world.item(&Opaque::key_of(&token)).await.is_none());
    world.table.commit(opaque::revoke(Opaque::key_of(&token))).await.unwrap();

    let token = issue(&world, &rina.id).await;
    let change = json!({ "old_password": PASSWORD, "new_password": "green-heron-42" });
    let header = format!("Token {token}");
    let changed = world.post("/api/auth/change-password/", &change).header("authorization", &header);
    changed.send().await.expect(200);
    me(&world, &token).await.expect(401);

    let token = issue(&world, &rina.id).await;
    let suspend = json!({ "status": "suspended" });
    let path = format!("/api/auth/users/{}/", rina.id);
    world.call("PATCH", &path).json(&suspend).bearer(&admin.access).send().await.expect(200);
    let stopped = me(&world, &token).await.expect(401);
    assert_eq!(stopped.json, json!({ "detail": "User is inactive", "code": "user_inactive" }));
}
