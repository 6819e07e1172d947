//! What somebody has that others must not get at.

use serde_json::{Value, json};
use testkit::World;

use crate::people::Person;

/// What somebody has, by its ids.
pub struct Belongings {
    account: String,
    session: String,
    member: String,
    points: String,
    voucher: String,
    redemption: String,
    code: String,
}

impl Belongings {
    /// Gives somebody a membership with points, and a voucher that was redeemed for some of them.
    pub async fn of(world: &World, person: &Person, clerk: &Person) -> Self {
        let post = async |path: &str, body: Value| {
            let call = world.post(&format!("/api/loyalty{path}"), &body).bearer(&clerk.access);
            call.send().await.expect(201)
        };
        let member = json!({
            "name": "Some Body", "email": format!("member.{}@shop.test", person.id), "phone": "+62 811-222",
            "join_date": "2026-01-10", "user_id": person.id,
        });
        let member = post("/members/", member).await.text_at("data.id");
        let points = json!({ "member": member, "transaction_type": "earn", "points": 100 });
        let points = post("/points/", points).await.text_at("data.id");
        let voucher = json!({
            "code": format!("CODE{}", person.id), "name": "Kopi", "points_cost": 50, "stock": 5,
            "start_date": "2026-01-01", "end_date": "2026-12-31",
        });
        let voucher = post("/vouchers/", voucher).await.text_at("data.id");
        let redemption = post("/redeem/", json!({ "member": member, "voucher": voucher })).await;
        Self {
            account: person.id.clone(),
            session: person.session(world).await,
            member,
            points,
            voucher,
            redemption: redemption.text_at("data.id"),
            code: redemption.text_at("data.redemption_code"),
        }
    }

    /// The path to what is theirs.
    pub fn path(&self, path: &str) -> String {
        let Some((before, rest)) = path.split_once('{') else { return path.to_owned() };
        let id = match before {
            "/api/auth/sessions/" => &self.session,
            "/api/auth/users/" | "/api/loyalty/auth/users/" => &self.account,
            "/api/loyalty/members/" | "/api/loyalty/points/member/" => &self.member,
            "/api/loyalty/points/" => &self.points,
            "/api/loyalty/vouchers/" => &self.voucher,
            "/api/loyalty/redeem/" => &self.redemption,
            "/api/loyalty/redeem/by-code/" => &self.code,
            _ => panic!("say here what a victim has at {path}"),
        };
        let after = rest.split_once('}').map_or("", |(_, after)| after);
        assert!(!after.contains('{'), "say here what a victim has at {path}");
        format!("{before}{id}{after}")
    }
}
