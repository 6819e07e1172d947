//! A shop with its desk, for tests.

use serde_json::{Value, json};
use testkit::{Answer, Call, Person, World};

/// Where the paths begin.
pub(crate) const MOUNT: &str = "/api/loyalty";

/// A shop: a world, an administrator, a clerk, and somebody who only has an account.
pub(crate) struct Shop {
    pub(crate) world: World,
    pub(crate) admin: Person,
    pub(crate) clerk: Person,
    pub(crate) visitor: Person,
}

impl Shop {
    /// A shop that opens at half past eight on 1 March 2026.
    pub(crate) async fn open() -> Self {
        Self::within(World::new().await).await
    }

    /// A shop in a world of another kind.
    pub(crate) async fn within(world: World) -> Self {
        let admin = world.person("boss", &[("loyalty", "admin")]).await;
        let clerk = world.person("staff1", &[("loyalty", "staff")]).await;
        let visitor = world.person("visitor", &[]).await;
        Self { world, admin, clerk, visitor }
    }

    /// A request of the clerk.
    pub(crate) fn call(&self, method: &str, path: &str) -> Call {
        self.as_person(&self.clerk, method, path)
    }

    /// A request of somebody.
    pub(crate) fn as_person(&self, person: &Person, method: &str, path: &str) -> Call {
        self.world.call(method, &format!("{MOUNT}{path}")).bearer(&person.access)
    }

    /// What the clerk sees there.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path).send().await
    }

    /// What comes of the clerk's wish.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path).json(&body).send().await
    }

    /// What comes of the clerk's edit.
    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call("PATCH", path).json(&body).send().await
    }

    /// What comes of the clerk's form.
    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.call("PUT", path).json(&body).send().await
    }

    /// What the administrator removes.
    pub(crate) async fn remove(&self, path: &str) -> Answer {
        self.as_person(&self.admin, "DELETE", path).send().await
    }

    /// Enrols somebody, and answers with the number.
    pub(crate) async fn member(&self, name: &str) -> String {
        let email = format!("{}@mail.test", name.to_lowercase().replace(' ', "."));
        let body = json!({ "name": name, "email": email, "phone": "+62 811-222", "join_date": "2026-01-10" });
        self.post("/members/", body).await.expect(201).text_at("data.id")
    }

    /// Enrols somebody who holds so many points.
    pub(crate) async fn member_with(&self, name: &str, points: i64) -> String {
        let id = self.member(name).await;
        self.earn(&id, points).await;
        id
    }

    /// Books points for a purchase.
    pub(crate) async fn earn(&self, member: &str, points: i64) {
        let body = json!({ "member": member, "transaction_type": "earn", "points": points });
        self.post("/points/", body).await.expect(201);
    }

    /// Links a member to an account.
    pub(crate) async fn link(&self, member: &str, person: &Person) {
        self.patch(&format!("/members/{member}/"), json!({ "user_id": person.id })).await.expect(200);
    }

    /// Puts a voucher into the catalogue, good for March 2026, and answers with its id.
    pub(crate) async fn voucher(&self, code: &str, cost: i64, stock: i64) -> String {
        self.voucher_like(code, json!({ "points_cost": cost, "stock": stock })).await
    }

    /// The same with more said about it.
    pub(crate) async fn voucher_like(&self, code: &str, more: Value) -> String {
        let mut body = json!({
            "code": code, "name": format!("Voucher {code}"), "points_cost": 100, "stock": 10,
            "start_date": "2026-03-01", "end_date": "2026-03-31",
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.post("/vouchers/", body).await.expect(201).text_at("data.id")
    }

    /// Redeems, whatever comes of it.
    pub(crate) async fn redeem(&self, member: &str, voucher: &str) -> Answer {
        self.post("/redeem/", json!({ "member": member, "voucher": voucher })).await
    }

    /// What a member holds.
    pub(crate) async fn balance(&self, member: &str) -> i64 {
        self.get(&format!("/members/{member}/")).await.expect(200).json["data"]["total_points"]
            .as_i64()
            .unwrap()
    }

    /// What is left of a voucher.
    pub(crate) async fn stock(&self, voucher: &str) -> i64 {
        self.get(&format!("/vouchers/{voucher}/")).await.expect(200).json["data"]["stock"].as_i64().unwrap()
    }

    /// The points of a member's transactions, the newest first.
    pub(crate) async fn ledger(&self, member: &str) -> Vec<i64> {
        let ledger = self.get(&format!("/points/member/{member}/")).await.expect(200);
        ledger.json["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["points"].as_i64().unwrap())
            .collect()
    }
}

/// A refusal as clients of this mount read it.
pub(crate) fn refusal(details: Value) -> Value {
    let Value::Object(fields) = details else { panic!("a refusal names fields: {details}") };
    let (field, messages) = fields.iter().next().unwrap();
    let line = format!("{field}: {}", messages[0].as_str().unwrap());
    let mut body = json!({
        "success": false, "message": line,
        "error": { "message": line, "details": fields, "status_code": 400 },
    });
    body.as_object_mut().unwrap().extend(fields);
    body
}

/// Insists on a refusal of fields, in the envelope.
#[track_caller]
pub(crate) fn refused(answer: Answer, details: Value) {
    assert_eq!(answer.expect(400).json, refusal(details));
}

/// Insists on an answer that is told by one sentence, in the envelope.
#[track_caller]
pub(crate) fn told(answer: Answer, status: u16, detail: &str) {
    let expected = json!({
        "success": false, "message": detail, "detail": detail,
        "error": { "message": detail, "details": { "detail": detail }, "status_code": status },
    });
    assert_eq!(answer.expect(status).json, expected);
}

/// This with some of it changed; null takes a member away.
pub(crate) fn with(base: &Value, changes: &Value) -> Value {
    let mut all = base.as_object().unwrap().clone();
    all.extend(changes.as_object().unwrap().clone());
    all.retain(|_, value| !value.is_null());
    Value::Object(all)
}
