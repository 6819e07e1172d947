use serde_json::{Value, json};
use testkit::World;

use super::{as_user, bad_token, refused, staff, user};

const PROTECTED: [(&str, &[&str]); 7] = [
    ("/auth/logout/", &["POST"]),
    ("/auth/profile/", &["GET", "PUT", "PATCH"]),
    ("/users/profile/", &["GET", "PUT", "PATCH"]),
    ("/users/profile/update/", &["PUT", "PATCH"]),
    ("/users/profile/extended/", &["GET", "PUT", "PATCH"]),
    ("/users/change-password/", &["POST"]),
    ("/admin/users/", &["GET"]),
];

#[tokio::test]
async fn nobody_without_a_token_gets_anywhere_whatever_they_send() {
    let world = World::new().await;
    let ama = user(&world, "ama").await;
    let anonymous = json!({ "detail": "Authentication credentials were not provided." });
    for (path, method) in PROTECTED.iter().flat_map(|(path, methods)| methods.iter().map(move |m| (path, m)))
    {
        let call = || world.call(method, &format!("/api/prepaid{path}"));
        for (call, body) in [
            (call().json(&json!({ "bio": 1 })), &anonymous),
            (call().header("content-type", "application/json").body("{"), &anonymous),
            (call().bearer("garbage").json(&json!({})), &bad_token()),
            (call().bearer(&ama.refresh).json(&json!({})), &bad_token()),
        ] {
            let answer = call.send().await;
            assert_eq!((answer.status.as_u16(), &answer.json), (401, body), "{method} {path}");
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"api\"", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn accounts_are_listed_for_staff_alone() {
    let world = World::new().await;
    let (ama, admin) = (user(&world, "ama").await, staff(&world).await);
    let forbidden = json!({ "detail": "You do not have permission to perform this action." });
    refused(as_user(&world, &ama, "GET", "/admin/users/", &json!(null)).await, 403, &forbidden);
    let answer = as_user(&world, &admin, "GET", "/admin/users/", &json!(null)).await.expect(200);
    assert_eq!(
        answer.json,
        json!({ "count": 2, "next": null, "previous": null, "results": [admin.view, ama.view] }),
        "the newest first"
    );
    let path = format!("/api/auth/users/{}/", ama.id());
    let promote = world.call("PATCH", &path).json(&json!({ "roles": { "prepaid": "staff" } }));
    promote.bearer(&admin.access).send().await.expect(200);
    let answer = as_user(&world, &ama, "GET", "/admin/users/", &json!(null)).await.expect(200);
    let is_staff =
        |user: &Value| user["is_staff"] == true && user["is_superuser"] == (user["username"] == "admin");
    assert!(answer.json["results"].as_array().unwrap().iter().all(is_staff), "{}", answer.text);
}

#[tokio::test]
async fn accounts_are_searched_and_paged() {
    let world = World::new().await;
    for n in 0..25 {
        user(&world, &format!("user{n:02}")).await;
        world.clock.advance(std::time::Duration::from_secs(1));
    }
    let admin = staff(&world).await;
    world.settle().await;
    let list = async |query: &str| {
        as_user(&world, &admin, "GET", &format!("/admin/users/{query}"), &json!(null)).await
    };
    let first = list("").await.expect(200);
    assert_eq!((&first.json["count"], first.json["results"].as_array().unwrap().len()), (&json!(26), 20));
    assert_eq!(first.json["results"][1]["username"], "user24");
    let next = first.text_at("next");
    assert!(next.starts_with("http://mercato.test/api/prepaid/admin/users/?"), "{next}");
    let second = world.get(next.trim_start_matches("http://mercato.test")).bearer(&admin.access).send().await;
    assert_eq!(second.expect(200).json["results"].as_array().unwrap().len(), 6);
    let few = list("?page_size=3&page=2").await.expect(200);
    assert_eq!(few.json["results"].as_array().unwrap().len(), 3);
    let found = list("?search=user07@example.org").await.expect(200);
    assert_eq!((&found.json["count"], &found.json["results"][0]["username"]), (&json!(1), &json!("user07")));
    for page in ["99", "0", "x"] {
        refused(list(&format!("?page={page}")).await, 404, &json!({ "detail": "Invalid page." }));
    }
}

#[tokio::test]
async fn wrong_methods_and_unknown_paths_are_refused_in_json() {
    let world = World::new().await;
    let admin = staff(&world).await;
    for (method, path) in [
        ("GET", "/auth/login/"),
        ("DELETE", "/auth/profile/"),
        ("GET", "/users/change-password/"),
        ("POST", "/admin/users/"),
        ("PATCH", "/auth/password-reset/"),
    ] {
        let answer = as_user(&world, &admin, method, path, &json!({})).await;
        refused(answer, 405, &json!({ "detail": format!("Method \"{method}\" not allowed.") }));
    }
    for path in ["/auth/", "/auth/nothing/", "/users/", "/users/profile/nothing/", "/admin/users/7/"] {
        refused(
            as_user(&world, &admin, "GET", path, &json!(null)).await,
            404,
            &json!({ "detail": "Not found." }),
        );
    }
}

#[tokio::test]
async fn every_spelling_of_the_path_leads_here() {
    let world = World::new().await;
    let ama = user(&world, "ama").await;
    for path in
        ["/api/prepaid/users/profile", "/api/v1/prepaid/users/profile/", "/api/v1/prepaid/auth/profile"]
    {
        let answer = world.get(path).bearer(&ama.access).send().await.expect(200);
        assert_eq!(answer.json, ama.view, "{path}");
    }
}
