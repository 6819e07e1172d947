//! Who may do what, and what each of them sees.

mod narrow;
mod roles;

use serde_json::{Value, json};
use testkit::{Answer, Call, Person, Shelf};

use crate::shop::{MOUNT, Shop};

/// A shop in which two members look after themselves.
struct Cast {
    shop: Shop,
    owner: Person,
    stranger: Person,
    root: Person,
    mine: String,
    theirs: String,
    voucher: String,
}

impl Cast {
    async fn assemble() -> Self {
        let shop = Shop::open().await;
        let owner = shop.world.person("owner", &[]).await;
        // A role in another context is none in this one.
        let stranger = shop.world.person("stranger", &[("market", "admin"), ("prepaid", "staff")]).await;
        let root = shop.world.person("root", &[("platform", "admin")]).await;
        let mine = shop.member_with("Sari Wulan", 10_000).await;
        let theirs = shop.member_with("Budi", 5_000).await;
        shop.link(&mine, &owner).await;
        shop.link(&theirs, &stranger).await;
        let voucher = shop.voucher("KOPI20", 10, 1000).await;
        Self { shop, owner, stranger, root, mine, theirs, voucher }
    }

    /// Anonymous, the owner, another member, staff, administrators of the context and of the platform.
    fn actors(&self) -> [(&'static str, Option<&Person>); 6] {
        [
            ("anonymous", None),
            ("owner", Some(&self.owner)),
            ("another member", Some(&self.stranger)),
            ("staff", Some(&self.shop.clerk)),
            ("administrator", Some(&self.shop.admin)),
            ("the platform's administrator", Some(&self.root)),
        ]
    }

    fn call(&self, person: Option<&Person>, method: &str, path: &str) -> Call {
        match person {
            Some(person) => self.shop.as_person(person, method, path),
            None => self.shop.world.call(method, &format!("{MOUNT}{path}")),
        }
    }

    /// What each of them is answered: anonymous, owner, another member, staff, administrators. `path` is made anew for
    /// each, since some of them change what is there. Whoever is refused has changed nothing.
    async fn row(&self, method: &str, path: impl AsyncFn() -> String, body: Value, expected: [u16; 5]) {
        for ((name, person), place) in self.actors().into_iter().zip([0, 1, 2, 3, 4, 4]) {
            let path = path().await;
            let refused = expected[place] >= 400;
            let before = if refused { self.shop.world.shelf().await } else { Shelf::default() };
            let answer = self.call(person, method, &path).json(&body).send().await;
            assert_eq!(answer.status.as_u16(), expected[place], "{method} {path} by {name}: {answer:?}");
            if refused {
                let after = self.shop.world.shelf().await;
                assert_eq!(after.changed_since(&before), Vec::<&str>::new(), "{method} {path} by {name}");
                is_in_the_envelope(&answer);
            }
        }
    }
}

fn is_in_the_envelope(answer: &Answer) {
    let body = &answer.json;
    assert_eq!(
        (&body["success"], &body["error"]["status_code"]),
        (&json!(false), &json!(answer.status.as_u16()))
    );
    for (name, value) in body["error"]["details"].as_object().unwrap() {
        assert_eq!(body[name], *value, "{answer:?}");
    }
    assert!(body["message"].is_string(), "{answer:?}");
}

/// A path that is the same for everybody.
fn at(path: &str) -> impl AsyncFn() -> String {
    let path = path.to_owned();
    async move || path.clone()
}

#[tokio::test]
async fn members_are_read_by_themselves_kept_by_staff_and_removed_by_administrators() {
    let cast = Cast::assemble().await;
    let shop = &cast.shop;
    let mine = &cast.mine;
    for path in ["/members/", "/members/statistics/", "/members/?search=budi"] {
        cast.row("GET", at(path), json!({}), [401, 200, 200, 200, 200]).await;
    }
    cast.row("GET", at(&format!("/members/{mine}/")), json!({}), [401, 200, 404, 200, 200]).await;
    cast.row("GET", at("/members/me/"), json!({}), [401, 200, 200, 404, 404]).await;
    cast.row("GET", at("/members/MEM-404/"), json!({}), [401, 404, 404, 404, 404]).await;
    let form = json!({ "name": "New", "email": "new@mail.test", "phone": "1", "join_date": "2026-01-01" });
    // Those who come after the first that may find the address taken.
    for ((name, person), expected) in cast.actors().into_iter().zip([401, 403, 403, 201, 400, 400]) {
        let answer = cast.call(person, "POST", "/members/").json(&form).send().await;
        assert_eq!(answer.status.as_u16(), expected, "by {name}: {answer:?}");
    }
    let form = json!({ "name": "Sari", "email": "sari@mail.test", "phone": "1", "join_date": "2026-01-01" });
    cast.row("PUT", at(&format!("/members/{mine}/")), form, [401, 403, 403, 200, 200]).await;
    cast.row("PATCH", at(&format!("/members/{mine}/")), json!({ "name": "Sari" }), [401, 403, 403, 200, 200])
        .await;
    // The role comes before the object, and the object before the body.
    for method in ["PUT", "PATCH"] {
        let bad = json!({ "name": "" });
        cast.row(method, at("/members/MEM-404/"), bad.clone(), [401, 403, 403, 404, 404]).await;
        cast.row(method, at(&format!("/members/{mine}/")), bad, [401, 403, 403, 400, 400]).await;
    }
    let names = std::cell::Cell::new(0);
    let fresh = async || {
        names.set(names.get() + 1);
        format!("/members/{}/", shop.member(&format!("Leaver {}", names.get())).await)
    };
    cast.row("DELETE", fresh, json!({}), [401, 403, 403, 403, 200]).await;
    cast.row("DELETE", at("/members/MEM-404/"), json!({}), [401, 403, 403, 403, 404]).await;
}

#[tokio::test]
async fn points_are_read_by_their_owner_booked_by_staff_and_changed_by_nobody() {
    let cast = Cast::assemble().await;
    let mine = &cast.mine;
    let ledger = cast.shop.get(&format!("/points/member/{mine}/")).await.expect(200);
    let entry = ledger.json["data"][0]["id"].as_str().unwrap();
    for path in ["/points/", "/points/statistics/", "/points/?member=MEM-002"] {
        cast.row("GET", at(path), json!({}), [401, 200, 200, 200, 200]).await;
    }
    cast.row("GET", at(&format!("/points/member/{mine}/")), json!({}), [401, 200, 200, 200, 200]).await;
    cast.row("GET", at(&format!("/points/{entry}/")), json!({}), [401, 200, 404, 200, 200]).await;
    let earn = json!({ "member": mine, "transaction_type": "earn", "points": 5 });
    cast.row("POST", at("/points/"), earn, [401, 403, 403, 201, 201]).await;
    cast.row("POST", at("/points/"), json!({}), [401, 403, 403, 400, 400]).await;
    for method in ["PUT", "PATCH", "DELETE"] {
        cast.row(method, at(&format!("/points/{entry}/")), json!({ "points": 1 }), [405; 5]).await;
    }
}

#[tokio::test]
async fn vouchers_are_read_by_all_kept_by_staff_and_removed_by_administrators() {
    let cast = Cast::assemble().await;
    let (shop, id) = (&cast.shop, &cast.voucher);
    for path in ["/vouchers/".to_owned(), "/vouchers/statistics/".to_owned(), format!("/vouchers/{id}/")] {
        cast.row("GET", at(&path), json!({}), [401, 200, 200, 200, 200]).await;
    }
    let form = json!({
        "code": "KOPI20", "name": "Kopi", "points_cost": 10, "start_date": "2026-03-01", "end_date": "2026-03-31",
    });
    cast.row("POST", at("/vouchers/"), form.clone(), [401, 403, 403, 400, 400]).await;
    cast.row("PUT", at(&format!("/vouchers/{id}/")), form, [401, 403, 403, 200, 200]).await;
    cast.row("PATCH", at(&format!("/vouchers/{id}/")), json!({ "name": "Kopi" }), [401, 403, 403, 200, 200])
        .await;
    for method in ["PUT", "PATCH"] {
        cast.row(method, at("/vouchers/0/"), json!({ "name": "" }), [401, 403, 403, 404, 404]).await;
    }
    let names = std::cell::Cell::new(0);
    let fresh = async || {
        names.set(names.get() + 1);
        format!("/vouchers/{}/", shop.voucher(&format!("V{}", names.get()), 10, 1).await)
    };
    cast.row("DELETE", fresh, json!({}), [401, 403, 403, 403, 200]).await;
    cast.row("DELETE", at("/vouchers/0/"), json!({}), [401, 403, 403, 403, 404]).await;
}

#[tokio::test]
async fn redemptions_are_their_owners_to_make_and_to_take_back_while_they_wait() {
    let cast = Cast::assemble().await;
    let (shop, mine, voucher) = (&cast.shop, &cast.mine, &cast.voucher);
    let id = shop.redeemed(mine, voucher).await;
    for path in ["/redeem/", "/redeem/statistics/", "/redeem/?member=MEM-002"] {
        cast.row("GET", at(path), json!({}), [401, 200, 200, 200, 200]).await;
    }
    cast.row("GET", at(&format!("/redeem/{id}/")), json!({}), [401, 200, 404, 200, 200]).await;
    let code = shop.get(&format!("/redeem/{id}/")).await.expect(200).text_at("data.redemption_code");
    cast.row("GET", at(&format!("/redeem/by-code/{code}/")), json!({}), [401, 403, 403, 200, 200]).await;
    let wish = json!({ "member": mine, "voucher": voucher });
    cast.row("POST", at("/redeem/"), wish, [401, 201, 400, 201, 201]).await;

    let fresh = async |step: &str| format!("/redeem/{}/{step}", shop.redeemed(mine, voucher).await);
    let used = || json!({ "status": "Used" });
    cast.row("POST", async || fresh("cancel/").await, json!({}), [401, 200, 404, 200, 200]).await;
    cast.row("POST", async || fresh("mark-used/").await, json!({}), [401, 403, 404, 200, 200]).await;
    cast.row("POST", async || fresh("update-status/").await, used(), [401, 403, 404, 200, 200]).await;
    cast.row("PUT", async || fresh("").await, used(), [401, 403, 404, 200, 200]).await;
    cast.row("PATCH", async || fresh("").await, used(), [401, 403, 404, 200, 200]).await;
    // Whoever may not is told so before the body is looked at.
    cast.row("PUT", async || fresh("").await, json!({}), [401, 403, 404, 400, 400]).await;
    let completed = async || {
        let body = json!({ "member": mine, "voucher": voucher, "status": "Completed" });
        let id = shop.post("/redeem/", body).await.expect(201).text_at("data.id");
        format!("/redeem/{id}/cancel/")
    };
    cast.row("POST", completed, json!({}), [401, 403, 404, 200, 200]).await;
    for (method, step) in
        [("PUT", ""), ("PATCH", ""), ("POST", "update-status/"), ("POST", "mark-used/"), ("POST", "cancel/")]
    {
        cast.row(method, at(&format!("/redeem/0/{step}")), json!({}), [401, 404, 404, 404, 404]).await;
    }
    cast.row("DELETE", at(&format!("/redeem/{id}/")), json!({}), [405; 5]).await;
}
