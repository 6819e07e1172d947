//! The life of a member of the loyalty programme, with canaries in everything that is the member's own.

use std::time::Duration;

use serde_json::{Value, json};
use table::{Condition, Tx, Update};
use testkit::{Answer, World};

use crate::people::{clerk, newcomer};

/// Enrols, earns, redeems, cancels, is reminded and leaves: answers with every code that was handed out.
pub async fn life(world: &World) -> Vec<String> {
    let clerk = clerk(world, "canary.clerk").await;
    let account = newcomer(world, "canary.account").await;
    let send = async |method: &str, path: &str, body: Value| -> Answer {
        let call = world.call(method, &format!("/api/loyalty{path}")).bearer(&clerk.access);
        call.header("idempotency-key", &format!("canary {path}")).json(&body).send().await
    };
    let member = json!({
        "name": "Canary Memberson", "email": "canary.member@shop.test", "phone": "+1 202 5550199",
        "address": "9 Kingfisher Lane", "join_date": "1987-06-05", "user_id": account.id,
    });
    let id = send("POST", "/members/", member.clone()).await.expect(201).text_at("data.id");
    send("POST", "/members/", member).await.expect(201);
    let path = format!("/members/{id}/");
    send("PATCH", &path, json!({ "email": "canary.moved@shop.test", "phone": "violet-otter" }))
        .await
        .expect(400);
    send("PATCH", &path, json!({ "email": "canary.moved@shop.test" })).await.expect(200);
    let voucher = json!({
        "code": "CANARY20", "name": "Canary voucher", "description": "For canaries", "points_cost": 10, "stock": 3,
        "start_date": "2026-01-01", "end_date": "2026-03-05",
    });
    let voucher = send("POST", "/vouchers/", voucher).await.expect(201).text_at("data.id");
    let earn = json!({
        "member": id, "transaction_type": "earn", "points": 600, "description": "canary receipt",
        "reference": "canary-reference",
    });
    send("POST", "/points/", earn).await.expect(201);
    let wish = json!({ "member": id, "voucher": voucher });
    let redeemed = send("POST", "/redeem/", wish.clone()).await.expect(201);
    let other = send("POST", "/redeem", wish).await.expect(201);
    let codes = [redeemed.text_at("data.redemption_code"), other.text_at("data.redemption_code")];
    for code in &codes {
        send("GET", &format!("/redeem/by-code/{code}/"), Value::Null).await;
        send("GET", &format!("/redeem/by-code/{code}X/"), Value::Null).await.expect(404);
    }
    let cancel = format!("/redeem/{}/cancel/", redeemed.text_at("data.id"));
    send("POST", &cancel, json!({})).await.expect(200);
    for list in ["members", "points", "redeem", "vouchers"] {
        send("GET", &format!("/{list}/?search=canary&ordering=-name"), Value::Null).await.expect(200);
    }
    world.settle().await;
    // The end of the voucher is told, and then noticed.
    for days in [2, 5, 5] {
        world.clock.advance(Duration::from_hours(days * 24));
        world.whole.run_schedules().await.unwrap();
        world.settle().await;
    }
    world.clock.advance(Duration::from_mins(1));
    // A row that does not read any more fails its job, which must not cite the row.
    let key = loyalty::vouchers::store::living_key(&voucher);
    let broken = Update::when(key.clone(), Condition::exists()).set("code", json!({ "canary": 1 }));
    world.table.commit(Tx::new().update(broken, "refused")).await.unwrap();
    let due = json!({ "what": "voucher-expire", "pk": key.pk(), "sk": key.sk(), "at": world.clock.now() });
    let bodies =
        [json!({ "due": due }).to_string(), "canary".to_owned(), json!({ "due": "canary" }).to_string()];
    let records: Vec<Value> =
        (0..).zip(bodies).map(|(n, body)| json!({ "messageId": n.to_string(), "body": body })).collect();
    let events = world.whole.function("loyalty-events").unwrap();
    let report = testkit::invoke(events, &json!({ "Records": records })).await;
    assert_eq!(report["batchItemFailures"].as_array().map(Vec::len), Some(3));
    let mended = Update::when(key, Condition::exists()).set("code", "CANARY20");
    world.table.commit(Tx::new().update(mended, "refused")).await.unwrap();
    let mails = world.mails();
    let told = mails.iter().filter(|(to, ..)| to.starts_with("canary.me") || to.starts_with("canary.mo"));
    assert_eq!(told.count(), 6, "welcome, tier, twice redeemed, cancelled, reminded");
    // Of a code it is the secret behind the numbers that nobody may read.
    codes.into_iter().map(|code| code.splitn(3, '-').last().unwrap_or_default().to_lowercase()).collect()
}
