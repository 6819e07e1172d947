//! Mischief, and every line about security that it leaves.

use std::collections::BTreeSet;

use serde_json::json;
use testkit::{Settings, World};

use crate::people::{Person, administrator, newcomer};
use crate::project::{File, files};

/// Does what nobody should, and sees what is done about it: answers with the secrets that were handed out.
pub async fn life(world: &World) -> Vec<String> {
    let admin = administrator(world, "canary.judge").await;
    let culprit = newcomer(world, "canary.culprit").await;
    // The code of a voucher is as good as its money, also to whoever may not look at it.
    let path = "/api/prepaid/admin/vouchers/CANARY-CODE-5550199/";
    world.call("PATCH", path).bearer(&culprit.access).send().await.expect(403);
    let guess = json!({ "username": "canary.culprit", "password": "teal-marmot-34" });
    for status in [401, 401, 401, 401, 401, 429] {
        world.post("/api/auth/login/", &guess).from("192.0.2.3").send().await.expect(status);
    }
    let suspend = world.call("PATCH", &format!("/api/auth/users/{}/", culprit.id));
    suspend.bearer(&admin.access).json(&json!({ "status": "suspended" })).send().await.expect(200);
    world.get("/api/auth/me/").bearer(&culprit.access).send().await.expect(401);
    let everywhere = json!({ "everywhere": true });
    world.post("/api/auth/logout/", &everywhere).bearer(&admin.access).send().await.expect(205);
    let forged = world.post("/api/prepaid/payments/webhook/", &json!({ "id": "evt_canary" }));
    forged.header("stripe-signature", "t=1,v1=canary").send().await.expect(400);
    let guesser = newcomer(world, "canary.guesser").await;
    for n in 0..21 {
        let wish = json!({ "code": format!("CANARY{n:06}"), "service_type": "canary" });
        let guess = world.post("/api/prepaid/vouchers/validate/", &wish);
        guess.bearer(&guesser.access).from("192.0.2.4").send().await;
    }
    let strict = World::with(Settings { throttle: "1,1".to_owned() }).await;
    for status in [401, 429] {
        strict.get("/api/auth/me/").send().await.expect(status);
    }
    let signature = |person: &Person| person.access.rsplit('.').next().unwrap_or_default().to_owned();
    [&culprit, &guesser, &admin].map(signature).into()
}

/// Every event about security that the code can tell of.
pub fn events() -> Vec<String> {
    let mark = "target: \"security\", event = \"";
    let files = files().into_iter().filter(File::is_source);
    let named = |file: File| -> Vec<String> {
        let found = file.text.split(mark).skip(1).filter_map(|rest| rest.split('"').next());
        found.map(str::to_owned).collect()
    };
    let events: BTreeSet<String> = files.flat_map(named).collect();
    assert!(events.len() >= 16, "{events:?}");
    events.into_iter().collect()
}
