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
    for _ in 0..4 {
        world.faults.next("TransactWriteItems", Fault::Conflict);
    }
    someone(&world, "rina").await;
    for _ in 0..5 {
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
