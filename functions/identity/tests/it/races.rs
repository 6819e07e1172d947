use serde_json::json;
use testkit::{Fault, World};

use crate::{PASSWORD, login, someone};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_registrations_of_one_address_make_one_account() {
    let world = World::new().await;
    let calls = (0..50).map(|n| {
        let email = if n % 2 == 0 { "A@x.io" } else { "a@X.io " };
        let body = json!({ "username": format!("user{n}"), "email": email, "password": PASSWORD });
        world.post("/api/auth/register/", &body).send()
    });
    let answers = futures_util::future::join_all(calls).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    let refused = answers.iter().filter(|answer| {
        answer.status == 400
            && answer.json == json!({ "email": ["user with this email address already exists."] })
    });
    assert_eq!((made, refused.count()), (1, 49), "{answers:?}");
    assert_eq!(world.table.figures("IDENTITY#ACCOUNTS").await.unwrap().get("total"), 1);
    assert_eq!(world.mail_to("a@x.io").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_repeats_with_one_key_get_one_answer() {
    let world = World::new().await;
    let body = json!({ "username": "rina", "email": "rina@shop.test", "password": PASSWORD });
    let calls =
        (0..20).map(|_| world.post("/api/auth/register/", &body).header("idempotency-key", "k").send());
    let answers = futures_util::future::join_all(calls).await;
    for answer in &answers {
        assert_eq!((answer.status.as_u16(), &answer.text), (201, &answers[0].text));
    }
    assert_eq!(world.table.figures("IDENTITY#ACCOUNTS").await.unwrap().get("total"), 1);
}

#[tokio::test]
async fn a_lost_answer_is_no_second_account() {
    let world = World::new().await;
    world.faults.next("TransactWriteItems", Fault::Lost);
    someone(&world, "rina").await;
    assert_eq!(world.table.figures("IDENTITY#ACCOUNTS").await.unwrap().get("total"), 1);
    assert_eq!(world.mail_to("rina@shop.test").await.len(), 1);
}

#[tokio::test]
async fn conflicts_are_tried_again_and_end_in_503() {
    let world = World::new().await;
    for _ in 0..11 {
        world.faults.next("TransactWriteItems", Fault::Conflict);
    }
    someone(&world, "rina").await;
    for _ in 0..12 {
        world.faults.next("TransactWriteItems", Fault::Conflict);
    }
    let body = json!({ "username": "budi", "email": "budi@shop.test", "password": PASSWORD });
    let busy = world.post("/api/auth/register/", &body).send().await.expect(503);
    assert_eq!(busy.header("retry-after"), "1");
    assert_eq!(busy.json, json!({ "detail": "The service is busy. Try again." }));
    world.post("/api/auth/register/", &body).send().await.expect(201);
}

#[tokio::test]
async fn a_stale_read_lets_nobody_in_by_an_old_password_nor_keeps_the_owner_out() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    login(&world, "rina", PASSWORD).await.expect(200);
    let change = json!({ "old_password": PASSWORD, "new_password": "green-heron-42" });
    world.post("/api/auth/change-password/", &change).bearer(&rina.access).send().await.expect(200);
    world.faults.chance(1, &[(Fault::Stale, 100)]);
    login(&world, "rina", PASSWORD).await.expect(401);
    login(&world, "rina", "green-heron-42").await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_changes_by_one_old_password_one_happens() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    let passwords = ["green-heron-42", "red-falcon-99"];
    let changes = passwords.map(|new| {
        let body = json!({ "old_password": PASSWORD, "new_password": new });
        world.post("/api/auth/change-password/", &body).bearer(&rina.access).send()
    });
    let answers = futures_util::future::join_all(changes).await;
    let won = answers.iter().position(|answer| answer.status == 200).unwrap();
    let lost = &answers[1 - won];
    assert_eq!(lost.status, 400, "{lost:?}");
    assert_eq!(lost.json, json!({ "old_password": ["Old password is incorrect"] }));
    login(&world, "rina", passwords[won]).await.expect(200);
    login(&world, "rina@shop.test", passwords[won]).await.expect(200);
    login(&world, "rina", passwords[1 - won]).await.expect(401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_and_a_password_change_side_by_side() {
    let world = World::new().await;
    for n in 0..4 {
        let (old, new) = (format!("old{n}"), format!("new{n}"));
        let rina = someone(&world, &old).await;
        let change = json!({ "old_password": PASSWORD, "new_password": "green-heron-42" });
        let change = world.post("/api/auth/change-password/", &change).bearer(&rina.access).send();
        let rename = world.call("PATCH", "/api/auth/profile/").json(&json!({ "username": new }));
        let (changed, renamed) = tokio::join!(change, rename.bearer(&rina.access).send());
        changed.expect(200);
        // The token ends with the old password: who comes after that is not let in.
        assert!(matches!(renamed.status.as_u16(), 200 | 401), "{renamed:?}");
        let name = if renamed.status == 200 { new } else { old };
        login(&world, &name, "green-heron-42").await.expect(200);
    }
}

#[tokio::test]
async fn a_name_moves_with_the_newest_password() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    login(&world, "rina", PASSWORD).await.expect(200);
    let change = json!({ "old_password": PASSWORD, "new_password": "green-heron-42" });
    world.post("/api/auth/change-password/", &change).bearer(&rina.access).send().await.expect(200);
    let rina = login(&world, "rina", "green-heron-42").await.expect(200).text_at("access");
    world.faults.chance(1, &[(Fault::Stale, 100)]);
    let rename = world.call("PATCH", "/api/auth/profile/").json(&json!({ "username": "rina2" }));
    rename.bearer(&rina).send().await.expect(200);
    login(&world, "rina2", "green-heron-42").await.expect(200);
}
