use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, World};

use super::{keeper, login, member, refused, register, signed_in, wish_with, with_roles};
use crate::{PASSWORD, admin};

#[tokio::test]
async fn an_administrator_gives_a_role_from_the_start() {
    let world = World::new().await;
    let keeper = keeper(&world).await;
    let call = |name: &str, role: Value| {
        let body = wish_with(name, &json!({ "role": role }));
        world.post("/api/loyalty/auth/register/", &body)
    };
    for role in ["staff", "admin", "member"] {
        let name = format!("new-{role}");
        let made = call(&name, json!(role)).bearer(&keeper.access).send().await.expect(201);
        assert_eq!(made.json["data"]["role"], role);
        let entered = login(&world, &name, PASSWORD).await.expect(200);
        assert_eq!(entered.json["data"]["user"]["role"], role);
        let audit = world.partition(&format!("IDENTITY#AUDIT#{:0>16}", made.text_at("data.id"))).await;
        assert_eq!(audit.len(), usize::from(role != "member"), "what was given is on record");
    }
    let bad = call("rina", json!("king")).bearer(&keeper.access).send().await;
    refused(
        bad,
        400,
        "role: \"king\" is not a valid choice.",
        &json!({ "role": ["\"king\" is not a valid choice."] }),
    );

    let staff = signed_in(&world, "new-staff").await;
    for (name, token) in [("a", staff.access.as_str()), ("b", "garbage"), ("c", keeper.refresh.as_str())] {
        let made = call(name, json!("admin")).bearer(token).send().await.expect(201);
        assert_eq!(made.json["data"]["role"], "member", "{name}");
    }
    let made = call("d", json!("admin")).send().await.expect(201);
    assert_eq!(made.json["data"]["role"], "member");
    // The stored role decides, and not what the token says.
    let path = format!("/api/loyalty/auth/users/{}/", keeper.id);
    let demote = world.call("PATCH", &path).json(&json!({ "role": "staff" }));
    demote.bearer(&admin(&world).await.access).send().await.expect(200);
    let made = call("e", json!("admin")).bearer(&keeper.access).send().await.expect(201);
    assert_eq!(made.json["data"]["role"], "member");
}

#[tokio::test]
async fn accounts_are_listed_filtered_and_found() {
    let world = World::new().await;
    admin(&world).await;
    world.clock.advance(Duration::from_secs(1));
    let keeper = keeper(&world).await;
    for n in 0..55 {
        world.clock.advance(Duration::from_secs(1));
        let names = json!({ "full_name": if n % 2 == 0 { "Sari Wulan" } else { "Budi Santoso" } });
        register(&world, &wish_with(&format!("user{n:02}"), &names)).await.expect(201);
    }
    world.settle().await;
    let get = |query: &str| world.get(&format!("/api/loyalty/auth/users/{query}")).bearer(&keeper.access);
    let names = |page: &Answer| -> Vec<String> {
        let rows = page.json["results"].as_array().unwrap().iter();
        rows.map(|row| row["username"].as_str().unwrap().to_owned()).collect()
    };
    let page = get("").send().await.expect(200);
    assert_eq!((&page.json["success"], &page.json["count"]), (&json!(true), &json!(57)));
    assert_eq!((names(&page).len(), names(&page)[0].as_str()), (50, "user54"));
    assert_eq!(page.json["data"], page.json["results"]);
    assert_eq!(page.json["previous"], Value::Null);
    let row = &page.json["results"][0];
    let mut keys: Vec<&String> = row.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(
        keys,
        [
            "created_at",
            "email",
            "full_name",
            "id",
            "last_login_at",
            "role",
            "status",
            "updated_at",
            "username"
        ]
    );
    let next = page.text_at("next");
    let next = next.strip_prefix("http://mercato.test").unwrap();
    assert!(next.starts_with("/api/loyalty/auth/users/?"), "{next}");
    let rest = world.get(next).bearer(&keeper.access).send().await.expect(200);
    assert_eq!((names(&rest).len(), names(&rest)[6].as_str()), (7, "admin"));

    assert_eq!(names(&get("?ordering=created_at&page_size=1").send().await.expect(200)), ["admin"]);
    assert_eq!(names(&get("?page_size=200").send().await.expect(200)).len(), 57);
    assert_eq!(get("?search=sari&page_size=5").send().await.expect(200).json["count"], 29);
    assert_eq!(names(&get("?search=user07").send().await.expect(200)), ["user07"]);
    assert_eq!(names(&get("?search=user07@shop.test").send().await.expect(200)), ["user07"]);
    // The platform's administrator is one here as well.
    assert_eq!(names(&get("?role=admin").send().await.expect(200)), ["keeper", "admin"]);
    assert_eq!(get("?role=member&status=active").send().await.expect(200).json["count"], 55);
    assert_eq!(get("?status=active&colour=red").send().await.expect(200).json["count"], 57);
    let path = format!("/api/auth/users/{}/", row["id"].as_str().unwrap());
    let block = world.call("PATCH", &path).json(&json!({ "status": "blocked" }));
    block.bearer(&admin(&world).await.access).send().await.expect(200);
    let active = get("?status=active").send().await.expect(200);
    assert_eq!((&active.json["count"], &active.json["results"][0]["status"]), (&json!(57), &json!("active")));

    let bad = get("?status=blocked").send().await;
    let text = "Select a valid choice. blocked is not one of the available choices.";
    refused(bad, 400, &format!("status: {text}"), &json!({ "status": [text] }));
    for page in ["9", "0", "x"] {
        let answer = get(&format!("?page={page}")).send().await;
        refused(answer, 404, "Invalid page.", &json!({ "detail": "Invalid page." }));
    }
}

#[tokio::test]
async fn an_account_is_shown_and_changed() {
    let world = World::new().await;
    let (keeper, rina) = (keeper(&world).await, member(&world, "rina").await);
    let path = format!("/api/loyalty/auth/users/{}/", rina.id);
    let shown = world.get(&path).bearer(&keeper.access).send().await.expect(200);
    assert_eq!(shown.json, super::me(&world, &rina.access).await.expect(200).json);
    world.clock.advance(Duration::from_mins(1));
    for (method, role) in [("PATCH", "staff"), ("PUT", "member")] {
        let body = json!({
            "email": format!("{role}@shop.test"), "full_name": "Rina Dewi", "role": role, "status": "active",
            "id": "7", "username": "root", "password": "green-heron-42", "roles": { "platform": "admin" },
        });
        let answer = world.call(method, &path).json(&body).bearer(&keeper.access).send().await.expect(200);
        let user = json!({
            "id": rina.id, "username": "rina", "email": format!("{role}@shop.test"), "full_name": "Rina Dewi",
            "role": role, "status": "active", "last_login_at": "2026-03-01T08:30:00.000000Z",
            "created_at": "2026-03-01T08:30:00.000000Z", "updated_at": "2026-03-01T08:31:00.000000Z",
        });
        assert_eq!(
            answer.json,
            json!({ "success": true, "message": "User updated successfully", "data": user })
        );
    }
    login(&world, "rina@shop.test", PASSWORD).await.expect(401);
    login(&world, "staff@shop.test", PASSWORD).await.expect(401);
    login(&world, "member@shop.test", PASSWORD).await.expect(200);
    assert_eq!(world.mail_to("rina@shop.test").await.len(), 2, "the address that was left is told");
    assert_eq!(world.partition(&format!("IDENTITY#AUDIT#{:0>16}", rina.id)).await.len(), 2);
    let nothing = world.call("PATCH", &path).json(&json!({})).bearer(&keeper.access);
    nothing.send().await.expect(200);
    assert_eq!(
        world.partition(&format!("IDENTITY#AUDIT#{:0>16}", rina.id)).await.len(),
        2,
        "nothing changed"
    );
    assert_eq!(world.recount().await, 3);
}

#[tokio::test]
async fn bad_changes_are_refused_in_the_order_of_the_house() {
    let world = World::new().await;
    let (keeper, rina) = (keeper(&world).await, member(&world, "rina").await);
    let patch = |id: &str, body: &Value| {
        world.call("PATCH", &format!("/api/loyalty/auth/users/{id}/")).json(body).bearer(&keeper.access)
    };
    let cases = [
        (json!({ "role": "king" }), "role", "\"king\" is not a valid choice."),
        (json!({ "role": null }), "role", "This field may not be null."),
        (json!({ "status": "blocked" }), "status", "\"blocked\" is not a valid choice."),
        (json!({ "email": "x" }), "email", "Enter a valid email address."),
        (json!({ "email": "KEEPER@shop.test" }), "email", "user with this email address already exists."),
        (json!({ "full_name": " " }), "full_name", "This field may not be blank."),
    ];
    for (body, field, text) in &cases {
        let answer = patch(&rina.id, body).send().await;
        refused(answer, 400, &format!("{field}: {text}"), &json!({ *field: [text] }));
    }
    for unknown in ["1", "nobody", "0"] {
        let answer = patch(unknown, &cases[0].0).send().await;
        refused(answer, 404, "Not found.", &json!({ "detail": "Not found." }));
    }
    let own = "You cannot demote or suspend yourself.";
    for body in
        [json!({ "role": "staff" }), json!({ "status": "inactive" }), json!({ "status": "suspended" })]
    {
        refused(patch(&keeper.id, &body).send().await, 400, own, &json!({ "detail": own }));
    }
    let platform = admin(&world).await;
    let path = format!("/api/loyalty/auth/users/{}/", platform.id);
    for body in [json!({ "role": "member" }), json!({ "status": "suspended" })] {
        let answer = world.call("PUT", &path).json(&body).bearer(&platform.access).send().await;
        refused(answer, 400, own, &json!({ "detail": own }));
    }
    patch(&keeper.id, &json!({ "full_name": "Dewi", "role": "admin", "status": "active" }))
        .send()
        .await
        .expect(200);
}

#[tokio::test]
async fn another_contexts_staff_keeps_its_address_and_its_status() {
    let world = World::new().await;
    let keeper = keeper(&world).await;
    let roles = [
        ("cashier", json!({ "prepaid": "staff" })),
        ("operator", json!({ "market": "admin" })),
        ("organiser", json!({ "ticketing": "administrator" })),
        ("clerk", json!({ "crm": "staff" })),
        ("root", json!({ "platform": "admin" })),
    ];
    let detail = "You do not have permission to perform this action.";
    for (name, roles) in roles {
        let other = with_roles(&world, name, &roles).await;
        let path = format!("/api/loyalty/auth/users/{}/", other.id);
        let patch = |body: Value| world.call("PATCH", &path).json(&body).bearer(&keeper.access);
        for body in [
            json!({ "email": "mine@shop.test" }),
            json!({ "status": "suspended" }),
            json!({ "full_name": "Mine", "role": "member", "email": "mine@shop.test", "status": "inactive" }),
        ] {
            refused(patch(body).send().await, 403, detail, &json!({ "detail": detail }));
        }
        let shown = world.get(&path).bearer(&keeper.access).send().await.expect(200);
        assert_eq!(shown.json["data"]["email"], format!("{name}@shop.test"));
        login(&world, name, PASSWORD).await.expect(200);
        // What is loyalty's own stays loyalty's to decide.
        let mut same = shown.json["data"].clone();
        same["role"] = json!("staff");
        patch(same).send().await.expect(200);
        let everywhere = admin(&world).await;
        let suspend = world.call("PATCH", &path).json(&json!({ "status": "suspended" }));
        suspend.bearer(&everywhere.access).send().await.expect(200);
    }
    let seller = with_roles(&world, "seller", &json!({ "market": "seller" })).await;
    let path = format!("/api/loyalty/auth/users/{}/", seller.id);
    let suspend = world.call("PATCH", &path).json(&json!({ "status": "suspended" }));
    suspend.bearer(&keeper.access).send().await.expect(200);
}

#[tokio::test]
async fn what_others_decided_of_an_account_outlasts_what_loyalty_decides() {
    let world = World::new().await;
    let (keeper, admin, rina) = (keeper(&world).await, admin(&world).await, member(&world, "rina").await);
    let set = async |mount: &str, who: &str, status: &str| {
        let path = format!("{mount}/users/{}/", rina.id);
        world.call("PATCH", &path).json(&json!({ "status": status })).bearer(who).send().await
    };
    let (platform, loyalty) = ("/api/auth", "/api/loyalty/auth");
    set(platform, &admin.access, "blocked").await.expect(200);
    set(loyalty, &keeper.access, "suspended").await.expect(200);
    login(&world, "rina", PASSWORD).await.expect(401);
    assert_eq!(set(loyalty, &keeper.access, "active").await.expect(200).json["data"]["status"], "active");
    let seen = world.get(&format!("/api/auth/users/{}/", rina.id)).bearer(&admin.access).send().await;
    assert_eq!(seen.expect(200).json["status"], "blocked");
    login(&world, "rina", PASSWORD).await.expect(200);

    set(platform, &admin.access, "suspended").await.expect(200);
    let detail = "You do not have permission to perform this action.";
    for status in ["active", "inactive"] {
        let answer = set(loyalty, &keeper.access, status).await;
        refused(answer, 403, detail, &json!({ "detail": detail }));
    }
    assert_eq!(set(platform, &admin.access, "active").await.expect(200).json["status"], "blocked");
    assert_eq!(set(platform, &admin.access, "active").await.expect(200).json["status"], "active");
    assert_eq!(world.recount().await, 3);
}
