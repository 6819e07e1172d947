//! What the browser client sends and reads, as it has always done.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::Call;

use crate::shop::Shop;

/// The client in a browser: whoever signed in with it.
struct Client<'a> {
    shop: &'a Shop,
    access: String,
}

impl<'a> Client<'a> {
    /// Signs in as the login page does: by address as well as by name.
    async fn sign_in(shop: &'a Shop, username: &str) -> Self {
        let body = json!({ "username": username, "password": "blue-whale-17" });
        let answer = shop.world.post("/api/loyalty/auth/login/", &body).send().await.expect(200);
        assert_eq!(answer.json["success"], true);
        for name in ["username", "full_name", "email", "role"] {
            assert!(answer.json["data"]["user"][name].is_string(), "{name} in {answer:?}");
        }
        assert!(answer.json["data"]["refreshToken"].is_string());
        Self { shop, access: answer.text_at("data.accessToken") }
    }

    /// Every call has this header, whether it has a body or not.
    fn call(&self, method: &str, path: &str) -> Call {
        let call = self.shop.world.call(method, &format!("/api/loyalty{path}"));
        call.header("content-type", "application/json").bearer(&self.access)
    }

    /// What a page shows: `data` of an answer that says success.
    async fn data(&self, path: &str) -> Value {
        let answer = self.call("GET", path).send().await.expect(200);
        assert_eq!(answer.json["success"], true, "{path}");
        answer.json["data"].clone()
    }

    async fn rows(&self, path: &str) -> Vec<Value> {
        self.data(path).await.as_array().unwrap().clone()
    }

    async fn sends(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.call(method, path).body(body.to_string()).send().await;
        assert!(answer.status.is_success() && answer.json["success"] == true, "{method} {path}: {answer:?}");
        answer.json["data"].clone()
    }

    /// The four figures of the first page, and its two lists. One failure would blank the page.
    async fn dashboard(&self) -> [i64; 5] {
        let (members, points) =
            (self.data("/members/statistics/").await, self.data("/points/statistics/").await);
        let (vouchers, redeems) =
            (self.data("/vouchers/statistics/").await, self.data("/redeem/statistics/").await);
        assert!(points["totalEarned"].is_i64());
        for row in self.rows("/points/?").await {
            has(&row, &["transaction_date", "member_name", "description"], &["points"]);
        }
        for row in self.rows("/members/?status=Active&").await {
            has(&row, &["name", "email", "tier_level"], &["total_points"]);
        }
        let number = |of: &Value, name: &str| of[name].as_i64().unwrap();
        [
            number(&members, "totalMembers"),
            number(&members, "activeMembers"),
            number(&members, "totalPoints"),
            number(&vouchers, "activeVouchers"),
            number(&redeems, "totalRedeems"),
        ]
    }
}

#[track_caller]
fn has(row: &Value, texts: &[&str], numbers: &[&str]) {
    assert!(texts.iter().all(|name| row[name].is_string()), "{texts:?} of {row}");
    assert!(numbers.iter().all(|name| row[name].is_i64()), "{numbers:?} of {row}");
}

fn ids(rows: &[Value]) -> BTreeSet<String> {
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_clerks_day() {
    let shop = Shop::open().await;
    let client = Client::sign_in(&shop, "staff1@shop.test").await;
    assert_eq!(client.dashboard().await, [0, 0, 0, 0, 0]);

    // The members' page.
    let form = json!({
        "id": "M123456", "name": "Sari Wulan", "email": "sari@mail.test", "phone": "0811222", "address": "Jl. Melati 9",
        "join_date": "2026-03-01", "total_points": 0, "tier_level": "Bronze", "status": "Active",
    });
    let sari = client.sends("POST", "/members/", form).await;
    assert_eq!(sari["id"], "MEM-001");
    let mut row = client.rows("/members/?status=&search=").await[0].clone();
    has(
        &row,
        &["id", "name", "email", "phone", "address", "join_date", "tier_level", "status"],
        &["total_points"],
    );
    row["address"] = json!("Jl. Melati 10");
    let edited = client.sends("PUT", "/members/MEM-001/", row).await;
    assert_eq!((&edited["address"], &edited["total_points"]), (&json!("Jl. Melati 10"), &json!(0)));
    shop.world.settle().await;
    assert_eq!(client.rows("/members/?status=Active&search=sari").await.len(), 1);

    // The points' page.
    for (id, kind, points) in [("T1", "earn", 900), ("T2", "expire", 50), ("T3", "redeem", 25)] {
        let form = json!({
            "id": id, "memberId": "MEM-001", "type": kind, "points": points, "description": kind, "date": "2026-02-01",
        });
        client.sends("POST", "/points/", form).await;
    }
    let rows = client.rows("/points/?transaction_type=").await;
    let booked: Vec<(&str, i64)> =
        rows.iter().map(|row| (row["type"].as_str().unwrap(), row["points"].as_i64().unwrap())).collect();
    assert_eq!(booked, [("redeem", -25), ("expire", -50), ("earn", 900)]);
    has(&rows[0], &["member_id", "member_name", "transaction_date", "description"], &["points"]);
    assert_eq!(
        rows[0]["transaction_date"], "2026-03-01T08:30:00.000000Z",
        "the server knows what time it is"
    );
    assert_eq!(client.rows("/points/?transaction_type=earn").await.len(), 1);

    // The vouchers' page.
    let form = json!({
        "id": "V123456", "code": "KOPI20", "name": "Kopi 20%", "description": "One cup", "type": "percentage",
        "discount_value": 20, "points_cost": 200, "stock": 40, "start_date": "2026-03-01", "end_date": "2026-03-31",
        "status": "Active",
    });
    client.sends("POST", "/vouchers/", form.clone()).await;
    let row = client.rows("/vouchers/?status=Active").await[0].clone();
    has(
        &row,
        &["id", "description", "discount_value", "start_date", "end_date", "status"],
        &["stock", "points_cost"],
    );
    assert_eq!((&row["type"], &row["discount_value"]), (&json!("discount"), &json!("20.00")));
    let mut form = form;
    (form["id"], form["type"], form["discount_value"]) = (row["id"].clone(), json!("fixed"), json!(2.5));
    let path = format!("/vouchers/{}/", row["id"].as_str().unwrap());
    let edited = client.sends("PUT", &path, form).await;
    assert_eq!((&edited["type"], &edited["discount_value"]), (&json!("cashback"), &json!("2.50")));

    // The redeem page.
    let (members, vouchers) =
        (client.rows("/members/?status=Active").await, client.rows("/vouchers/?status=Active").await);
    let form = json!({
        "id": "R1", "memberId": members[0]["id"], "voucherId": vouchers[0]["id"], "pointsUsed": 1,
        "redeemDate": "2026-02-01", "status": "Completed",
    });
    client.sends("POST", "/redeem/", form).await;
    let row = client.rows("/redeem/?").await[0].clone();
    has(&row, &["id", "member_id", "member_name", "voucher_id", "voucher_name", "status"], &["points_used"]);
    assert!(row["used_date"].is_null() && ids(&members).contains(row["member_id"].as_str().unwrap()));
    assert!(ids(&vouchers).contains(row["voucher_id"].as_str().unwrap()), "ids are the same in all lists");
    assert_eq!((&row["points_used"], &row["status"]), (&json!(200), &json!("Completed")));
    let path = format!("/redeem/{}/update-status/", row["id"].as_str().unwrap());
    client.sends("POST", &path, json!({ "status": "Used", "used_date": "2026-03-01" })).await;
    let row = client.rows("/redeem/?status=Used").await[0].clone();
    assert_eq!(row["used_date"], "2026-03-01T08:30:00.000000Z");

    assert_eq!(client.dashboard().await, [1, 1, 625, 1, 1]);
    let refused = client
        .call("POST", &path)
        .body(json!({ "status": "Cancelled" }).to_string())
        .send()
        .await
        .expect(400);
    assert_eq!(refused.json["message"], "status: Cannot change status from Used to Cancelled");
}

#[tokio::test]
async fn an_administrator_removes_and_reads_a_body() {
    let shop = Shop::open().await;
    let id = shop.member("Sari").await;
    let voucher = shop.voucher("KOPI20", 1, 1).await;
    let client = Client::sign_in(&shop, "boss").await;
    for path in [format!("/members/{id}/"), format!("/vouchers/{voucher}/")] {
        let gone = client.call("DELETE", &path).send().await.expect(200);
        assert_eq!(gone.json["success"], true);
        let again = client.call("DELETE", &path).send().await.expect(404);
        assert_eq!((&again.json["success"], &again.json["message"]), (&json!(false), &json!("Not found.")));
    }
    assert_eq!(client.dashboard().await, [0, 0, 0, 0, 0]);
}

#[tokio::test]
async fn a_members_day() {
    let shop = Shop::open().await;
    let member1 = shop.world.person("member1", &[]).await;
    let (mine, theirs) = (shop.member_with("Sari", 600).await, shop.member_with("Budi", 400).await);
    let voucher = shop.voucher("KOPI20", 100, 9).await;
    shop.redeemed(&theirs, &voucher).await;
    let client = Client::sign_in(&shop, "member1").await;
    assert_eq!(client.dashboard().await, [0, 0, 0, 1, 0], "no page is blank for whoever is no member yet");
    shop.link(&mine, &member1).await;
    assert_eq!(client.dashboard().await, [1, 1, 600, 1, 0]);
    let form = json!({
        "id": "R1", "memberId": mine, "voucherId": voucher, "pointsUsed": 100, "redeemDate": "2026-03-01",
        "status": "Completed",
    });
    let redeemed = client.sends("POST", "/redeem/", form.clone()).await;
    assert_eq!(redeemed["status"], "Pending");
    assert_eq!(client.dashboard().await, [1, 1, 500, 1, 1]);
    for (path, rows) in [
        ("/members/?status=&search=", 1),
        ("/members/?status=Active", 1),
        ("/points/?transaction_type=", 2),
        ("/vouchers/?status=Active", 1),
        ("/redeem/?", 1),
    ] {
        let rows_seen = client.rows(path).await;
        assert_eq!(rows_seen.len(), rows, "{path}");
        let foreign = |row: &Value| row["id"] == json!(theirs) || row["member_id"] == json!(theirs);
        assert!(!rows_seen.iter().any(foreign), "{path}");
    }
    // What the page offers and a member may not is refused with a line to show.
    let id = redeemed["id"].as_str().unwrap();
    let body = json!({ "status": "Used" }).to_string();
    let refused =
        client.call("POST", &format!("/redeem/{id}/update-status/")).body(body).send().await.expect(403);
    assert_eq!(refused.json["message"], "You do not have permission to perform this action.");
    let mut other = form;
    other["memberId"] = json!(theirs);
    let refused = client.call("POST", "/redeem/").body(other.to_string()).send().await.expect(400);
    assert_eq!(refused.json["message"], "member: Invalid pk \"MEM-002\" - object does not exist.");
    client.sends("POST", &format!("/redeem/{id}/cancel/"), json!({})).await;
    assert_eq!(client.dashboard().await, [1, 1, 600, 1, 1]);
}
