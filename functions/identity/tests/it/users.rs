use serde_json::{Value, json};
use testkit::{Fault, World};

use crate::{PASSWORD, admin, login, part, someone};

#[tokio::test]
async fn a_change_of_standing_acts_at_once_and_is_on_record() {
    let world = World::new().await;
    let (admin, rina) = (admin(&world).await, someone(&world, "rina").await);
    let path = format!("/api/auth/users/{}/", rina.id);
    let patch = |body: Value| world.call("PATCH", &path).json(&body).bearer(&admin.access);
    let answer = patch(json!({ "roles": { "loyalty": "staff" } })).send().await.expect(200);
    assert_eq!(answer.json["roles"]["loyalty"], "staff");
    let me = world.get("/api/auth/me/").bearer(&rina.access).send().await.expect(200);
    assert_eq!(me.json["roles"]["loyalty"], "staff", "the token lives on, and the record decides");
    let refresh = json!({ "refresh": rina.refresh });
    let newer = world.post("/api/auth/token/refresh/", &refresh).send().await.expect(200).text_at("access");
    assert_eq!(part(&newer, 1)["roles"], json!({ "loyalty": "staff" }));

    patch(json!({ "status": "suspended", "roles": { "loyalty": null } })).send().await.expect(200);
    for old in [&rina.access, &newer] {
        let me = world.get("/api/auth/me/").bearer(old).send().await.expect(401);
        assert_eq!(me.json, json!({ "detail": "User is inactive", "code": "user_inactive" }));
    }
    world.post("/api/auth/token/refresh/", &refresh).send().await.expect(401);
    login(&world, "rina", PASSWORD).await.expect(401);
    let figures = world.table.figures("IDENTITY#ACCOUNTS").await.unwrap();
    assert_eq!((figures.get("total"), figures.get("active"), figures.get("suspended")), (2, 1, 1));

    patch(json!({ "status": "active" })).send().await.expect(200);
    world.get("/api/auth/me/").bearer(&newer).send().await.expect(401);
    login(&world, "rina", PASSWORD).await.expect(200);
    let audit = world.partition(&format!("IDENTITY#AUDIT#{:0>16}", rina.id)).await;
    assert_eq!(audit.len(), 3);
    assert_eq!(audit[0]["by"].as_n().unwrap(), &admin.id);
    patch(json!({ "status": "active" })).send().await.expect(200);
    assert_eq!(
        world.partition(&format!("IDENTITY#AUDIT#{:0>16}", rina.id)).await.len(),
        3,
        "nothing changed"
    );
}

#[tokio::test]
async fn bad_wishes_are_refused_and_change_nothing() {
    let world = World::new().await;
    let (admin, rina) = (admin(&world).await, someone(&world, "rina").await);
    let patch = |id: &str, body: Value| {
        world.call("PATCH", &format!("/api/auth/users/{id}/")).json(&body).bearer(&admin.access)
    };
    let unknown = patch(&rina.id, json!({ "roles": { "casino": "king" } })).send().await.expect(400);
    assert_eq!(unknown.json, json!({ "roles": ["\"casino\" is not a valid choice."] }));
    patch(&rina.id, json!({ "roles": { "loyalty": "king" } })).send().await.expect(400);
    patch(&rina.id, json!({ "roles": { "loyalty": 7 } })).send().await.expect(400);
    patch(&rina.id, json!({ "status": "gone" })).send().await.expect(400);
    let own = patch(&admin.id, json!({ "status": "inactive" })).send().await.expect(400);
    assert_eq!(own.json, json!({ "detail": "You cannot demote or suspend yourself." }));
    patch("1", json!({ "status": "gone" })).send().await.expect(404);
    patch("nobody", json!({})).send().await.expect(404);
    world.get("/api/auth/me/").bearer(&rina.access).send().await.expect(200);
}

#[tokio::test]
async fn a_role_acts_with_the_very_next_request_of_an_old_token() {
    let world = World::new().await;
    let (admin, rina) = (admin(&world).await, someone(&world, "rina").await);
    let path = format!("/api/auth/users/{}/", rina.id);
    let give = |role: &str| {
        let body = json!({ "roles": { "platform": role } });
        world.call("PATCH", &path).json(&body).bearer(&admin.access)
    };
    world.get(&path).bearer(&rina.access).send().await.expect(403);
    give("admin").send().await.expect(200);
    world.get(&path).bearer(&rina.access).send().await.expect(200);
    let promoted = world.signed_in("rina").await;
    give("user").send().await.expect(200);
    for token in [&rina.access, &promoted.access] {
        world.get(&path).bearer(token).send().await.expect(403);
    }
    give("admin").send().await.expect(200);
    for token in [&rina.access, &promoted.access] {
        world.get(&path).bearer(token).send().await.expect(200);
    }
    // A record that lags keeps nobody out and lets nobody in.
    world.faults.chance(1, &[(Fault::Stale, 100)]);
    world.get(&path).bearer(&rina.access).send().await.expect(200);
    give("user").send().await.expect(200);
    world.get(&path).bearer(&promoted.access).send().await.expect(403);
}

#[tokio::test]
async fn whoever_is_stopped_hears_so_wherever_they_knock() {
    let world = World::new().await;
    let (admin, rina) = (admin(&world).await, someone(&world, "rina").await);
    let path = format!("/api/auth/users/{}/", rina.id);
    let patch = |body: Value| world.call("PATCH", &path).json(&body).bearer(&admin.access);
    patch(json!({ "status": "suspended" })).send().await.expect(200);
    // The token has none of the roles of the second: the record is asked all the same.
    for knocked in ["/api/auth/me/", "/api/auth/users/"] {
        let stopped = world.get(knocked).bearer(&rina.access).send().await.expect(401);
        assert_eq!(stopped.json, json!({ "detail": "User is inactive", "code": "user_inactive" }));
        assert_eq!(stopped.header("www-authenticate"), "Bearer realm=\"api\"");
    }
}

#[tokio::test]
async fn accounts_are_listed_filtered_and_found() {
    let world = World::new().await;
    let admin = admin(&world).await;
    for n in 0..25 {
        world.clock.advance(std::time::Duration::from_secs(1));
        someone(&world, &format!("user{n:02}")).await;
    }
    world.settle().await;
    let get = |query: &str| world.get(&format!("/api/auth/users/{query}")).bearer(&admin.access);
    let page = get("").send().await.expect(200);
    let names = |page: &testkit::Answer| -> Vec<String> {
        let rows = page.json["results"].as_array().unwrap().iter();
        rows.map(|row| row["username"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(page.json["count"], 26);
    assert_eq!((names(&page).len(), names(&page)[0].as_str()), (20, "user24"));
    assert_eq!(page.json["results"][0]["last_login"], page.json["results"][0]["date_joined"]);
    let next = page.text_at("next");
    let next = next.strip_prefix("http://mercato.test").unwrap();
    let rest = world.get(next).bearer(&admin.access).send().await.expect(200);
    assert_eq!((names(&rest).len(), names(&rest)[5].as_str()), (6, "admin"));
    assert_eq!(names(&get("?search=user1&page_size=100").send().await.expect(200)).len(), 10);
    for (ordering, first) in [("date_joined", "admin"), ("-date_joined", "user24"), ("password", "user24")] {
        let sorted = names(&get(&format!("?ordering={ordering}&page_size=100")).send().await.expect(200));
        assert_eq!((sorted.len(), sorted[0].as_str()), (26, first), "{ordering}");
        assert!(sorted[1..25].is_sorted_by(|a, b| (a < b) == (first == "admin")), "{ordering}: {sorted:?}");
    }
    let found = names(&get("?search=user1&ordering=date_joined").send().await.expect(200));
    assert_eq!((found[0].as_str(), found[9].as_str()), ("user10", "user19"));
    assert_eq!(names(&get("?role=admin").send().await.expect(200)), ["admin"]);
    assert_eq!(get("?status=suspended").send().await.expect(200).json["count"], 0);
    let bad = get("?status=gone").send().await.expect(400);
    assert_eq!(
        bad.json,
        json!({ "status": ["Select a valid choice. gone is not one of the available choices."] })
    );
    get("?page=9").send().await.expect(404);

    let other = world.signed_in("user00").await;
    world.get("/api/auth/users/").bearer(&other.access).send().await.expect(403);
    world.get("/api/auth/users/").send().await.expect(401);
}
