//! What somebody has that others must not get at.

use serde_json::{Value, json};
use testkit::World;

use crate::people::{Person, session_of};

/// What somebody has, by its ids.
pub struct Belongings {
    account: String,
    session: String,
    member: String,
    points: String,
    voucher: String,
    redemption: String,
    code: String,
    bought: Bought,
}

/// What somebody has at the voucher shop, and what the staff keep there.
struct Bought {
    sold: String,
    discount: String,
    payment: String,
    code: String,
    hold: String,
    usage: String,
    refund: String,
}

impl Bought {
    /// Puts a type of voucher and a discount into the shop; has somebody buy, hold, use, and ask for the money.
    async fn of(world: &World, person: &Person, admin: &Person) -> Self {
        let post = async |who: &Person, path: &str, body: Value| {
            world.post(&format!("/api/prepaid{path}"), &body).bearer(&who.access).send().await
        };
        let sold = json!({
            "name": format!("Type {}", person.id), "type_code": format!("type_{}", person.id),
            "description": "For tries.", "price": "10.00", "usage_limit": 3, "accepted_services": [],
        });
        let sold = post(admin, "/vouchers/types/", sold).await.expect(201).text_at("id");
        let discount = json!({
            "code": format!("D{}", person.id), "discount_value": "10.00",
            "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2026-12-31T00:00:00Z",
        });
        let discount = post(admin, "/admin/discounts/", discount).await.expect(201).text_at("id");
        let order = json!({ "voucher_type_id": sold, "quantity": 2 });
        let bought = post(person, "/vouchers/purchase/", order).await.expect(201);
        let payment = bought.text_at("payment.id");
        let code = bought.json["vouchers"][0]["code"].as_str().unwrap().to_owned();
        let wish = json!({ "code": code, "service_type": "any" });
        let hold = post(person, "/vouchers/reserve/", wish.clone()).await.expect(201).text_at("id");
        let usage = post(person, "/vouchers/redeem/", wish).await.expect(200).text_at("usage.id");
        let refund = json!({ "payment_id": payment, "reason": "other" });
        let refund = post(person, "/payments/refund/request/", refund).await.expect(201).text_at("refund.id");
        Self { sold, discount, payment, code, hold, usage, refund }
    }

    /// The id at a path of the shop's.
    fn at(&self, before: &str) -> Option<&String> {
        Some(match before {
            "/vouchers/types/" => &self.sold,
            "/vouchers/detail/" | "/admin/vouchers/" => &self.code,
            "/vouchers/reserve/" => &self.hold,
            "/payments/transaction/" => &self.payment,
            "/admin/discounts/" => &self.discount,
            "/admin/refunds/" => &self.refund,
            "/admin/usages/" => &self.usage,
            _ => return None,
        })
    }
}

impl Belongings {
    /// Gives somebody a membership with points, and a voucher that was redeemed for some of them; and has them buy
    /// another, of those that are paid for.
    pub async fn of(world: &World, person: &Person, clerk: &Person, admin: &Person) -> Self {
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
            session: session_of(world, person).await,
            member,
            points,
            voucher,
            redemption: redemption.text_at("data.id"),
            code: redemption.text_at("data.redemption_code"),
            bought: Bought::of(world, person, admin).await,
        }
    }

    /// The path to what is theirs.
    pub fn path(&self, path: &str) -> String {
        let Some((before, rest)) = path.split_once('{') else { return path.to_owned() };
        let bought = before.strip_prefix("/api/prepaid").and_then(|before| self.bought.at(before));
        let id = match before {
            "/api/auth/sessions/" => &self.session,
            "/api/auth/users/" | "/api/loyalty/auth/users/" => &self.account,
            "/api/loyalty/members/" | "/api/loyalty/points/member/" => &self.member,
            "/api/loyalty/points/" => &self.points,
            "/api/loyalty/vouchers/" => &self.voucher,
            "/api/loyalty/redeem/" => &self.redemption,
            "/api/loyalty/redeem/by-code/" => &self.code,
            _ => bought.unwrap_or_else(|| panic!("say here what a victim has at {path}")),
        };
        let after = rest.split_once('}').map_or("", |(_, after)| after);
        assert!(!after.contains('{'), "say here what a victim has at {path}");
        format!("{before}{id}{after}")
    }
}
