//! Clerks who do all that a desk does, and know what was acknowledged to them.

use serde_json::{Value, json};
use testkit::{Answer, Call, patiently};

use crate::shop::Shop;

/// A clerk, who tries again as long as the platform is busy.
pub(super) struct Clerk<'a> {
    pub(super) shop: &'a Shop,
    pub(super) number: usize,
}

/// What a clerk did, and what is left of it.
pub(super) struct Work {
    number: usize,
    /// The member that the clerk enrolled, and the one that left again.
    member: String,
    left: String,
    /// The clerk's own voucher, and what was redeemed of it: taken back, used, still waiting.
    voucher: String,
    redeemed: [String; 3],
    /// How many of the shared voucher were got, and how many of them used.
    pub(super) won: usize,
    pub(super) used: usize,
}

impl Clerk<'_> {
    /// Enrols, earns, redeems, takes back, marks as used, corrects, edits and removes.
    pub(super) async fn works(self, everybody: &str, shared: &str) -> Work {
        let member = self.enrols(&self.name()).await;
        let sale =
            json!({ "points_cost": 50, "stock": 3, "start_date": "2026-03-01", "end_date": "2026-03-31" });
        let voucher =
            self.posts("/vouchers/", 1, with(sale, "code", &self.code(), "name", "Own")).await.expect(201);
        let voucher = voucher.text_at("data.id");
        self.books(&member, 1, "earn", 120, None).await.expect(201);
        let receipt = format!("receipt {}", self.number);
        self.books(&member, 2, "earn", 80, Some(&receipt)).await.expect(201);
        self.books(&member, 3, "earn", 80, Some(&receipt)).await.expect(400);

        let mut redeemed = Vec::new();
        for (n, status) in [(1, "Pending"), (2, "Completed"), (3, "Pending")] {
            let wish = json!({ "member": member, "voucher": voucher, "status": status });
            redeemed.push(self.posts("/redeem/", n, wish).await.expect(201).text_at("data.id"));
        }
        let redeemed: [String; 3] = redeemed.try_into().unwrap();
        self.posts(&format!("/redeem/{}/cancel/", redeemed[0]), 1, json!({})).await.expect(200);
        self.posts(&format!("/redeem/{}/mark-used/", redeemed[1]), 1, json!({})).await.expect(200);
        self.posts(&format!("/redeem/{}/cancel/", redeemed[1]), 1, json!({})).await.expect(400);

        let (won, used) = self.shares(everybody, shared).await;
        self.books(&member, 4, "adjustment", -30, None).await.expect(201);
        self.books(&member, 5, "redeem", 10_000, None).await.expect(400);
        self.edits(&format!("/members/{member}/"), json!({ "address": "Jl. Melati 9" })).await;
        self.edits(&format!("/vouchers/{voucher}/"), json!({ "description": "Once more" })).await;
        let left = self.enrols(&format!("Guest {}", self.number)).await;
        self.books(&left, 6, "earn", 40, None).await.expect(201);
        let admin = &self.shop.admin;
        let path = format!("/members/{left}/");
        let leave = || self.shop.as_person(admin, "DELETE", &path).header("idempotency-key", &self.name());
        once(leave).await.expect(200);
        Work { number: self.number, member, left, voucher, redeemed, won, used }
    }

    /// Books for everybody's member, and gets what can be got of everybody's voucher.
    async fn shares(&self, everybody: &str, shared: &str) -> (usize, usize) {
        self.books(everybody, 7, "earn", 10, None).await.expect(201);
        let (mut won, mut used) = (0, 0);
        for n in [4, 5] {
            let got = self.posts("/redeem/", n, json!({ "member": everybody, "voucher": shared })).await;
            if got.status == 201 {
                won += 1;
                if n == 4 {
                    let path = format!("/redeem/{}/mark-used/", got.text_at("data.id"));
                    self.posts(&path, 2, json!({})).await.expect(200);
                    used += 1;
                }
            } else {
                got.expect(400);
            }
        }
        (won, used)
    }

    fn name(&self) -> String {
        format!("Clerk {}", self.number)
    }

    fn code(&self) -> String {
        format!("OWN{}", self.number)
    }

    async fn enrols(&self, name: &str) -> String {
        let email = format!("{}@mail.test", name.to_lowercase().replace(' ', "."));
        let body = json!({ "name": name, "email": email, "phone": "1", "join_date": "2026-01-10" });
        let call = || self.shop.call("POST", "/members/").header("idempotency-key", name).json(&body);
        once(call).await.expect(201).text_at("data.id")
    }

    async fn books(
        &self,
        member: &str,
        n: usize,
        kind: &str,
        points: i64,
        reference: Option<&str>,
    ) -> Answer {
        let body = json!({ "member": member, "type": kind, "points": points, "reference": reference });
        self.posts("/points/", n, body).await
    }

    /// The `n`th request of this clerk there.
    async fn posts(&self, path: &str, n: usize, body: Value) -> Answer {
        let key = format!("{} {n}", self.name());
        once(|| self.shop.call("POST", path).header("idempotency-key", &key).json(&body)).await
    }

    async fn edits(&self, path: &str, change: Value) {
        patiently(|| self.shop.call("PATCH", path).json(&change)).await.expect(200);
    }
}

fn with(mut body: Value, name: &str, value: &str, other: &str, text: &str) -> Value {
    (body[name], body[other]) = (json!(value), json!(text));
    body
}

impl Work {
    /// Looks at everything that was acknowledged; the trouble is over, and what waited was taken back.
    pub(super) async fn is_found_as_left(&self, shop: &Shop) {
        let [taken_back, used, waiting] = &self.redeemed;
        assert_eq!(shop.ledger(&self.member).await, [50, -30, 50, -50, -50, -50, 80, 120]);
        assert_eq!(shop.status(taken_back).await, "Cancelled");
        assert_eq!(shop.status(used).await, "Used");
        assert_eq!(shop.status(waiting).await, "Cancelled");
        let voucher = shop.get(&format!("/vouchers/{}/", self.voucher)).await.expect(200);
        assert_eq!(
            (&voucher.json["data"]["stock"], &voucher.json["data"]["description"]),
            (&json!(2), &json!("Once more"))
        );
        assert_eq!(shop.shown(&self.member).await["address"], "Jl. Melati 9");
        shop.get(&format!("/members/{}/", self.left)).await.expect(404);
        assert_eq!(shop.ledger(&self.left).await, [40]);
        let (got, lost) =
            (format!("Your voucher OWN{}", self.number), format!("Voucher OWN{} cancelled", self.number));
        let mut subjects = shop.world.subjects(&format!("clerk.{}@mail.test", self.number)).await;
        subjects.sort();
        let welcome = "Welcome to the loyalty programme".to_owned();
        assert_eq!(subjects, [lost.clone(), lost, welcome.clone(), got.clone(), got.clone(), got]);
        assert_eq!(shop.world.subjects(&format!("guest.{}@mail.test", self.number)).await, [welcome]);
    }
}

/// Sends a request with a key until it is answered, and then once more: the answer must be the same.
async fn once(call: impl Fn() -> Call) -> Answer {
    let first = patiently(&call).await;
    let again = patiently(&call).await;
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert_eq!(again.header("idempotent-replayed") == "true", first.status.is_success(), "{again:?}");
    first
}
