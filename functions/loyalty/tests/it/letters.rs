//! The letters that members get: for what, to whom, saying what, and each once.

use serde_json::{Value, json};
use testkit::Delivery;

use crate::shop::Shop;

/// What was mailed, after everything was delivered twice: to whom, the subject, and the text.
async fn mailed(shop: &Shop) -> Vec<(String, String, String)> {
    let world = &shop.world;
    let function = |name: &str| world.whole.function(name).unwrap();
    let before = world.mails().len();
    let changes = world.changes();
    world.deliver(Delivery::Twice, function("projector"), &changes).await;
    world.deliver(Delivery::Torn(3), function("projector"), &changes).await;
    let promised = world.messages("mail");
    world.deliver(Delivery::Twice, function("mailer"), &promised).await;
    world.deliver(Delivery::Backwards, function("mailer"), &promised).await;
    world.mails().split_off(before)
}

#[track_caller]
fn says(mail: &(String, String, String), to: &str, subject: &str, texts: &[&str]) {
    assert_eq!((mail.0.as_str(), mail.1.as_str()), (to, subject));
    let text = mail.2.replace('\n', " ");
    for wanted in texts {
        assert!(text.contains(wanted), "{wanted:?} is not in {text}");
    }
}

const SARI: &str = "Sari.Wulan@Mail.Test";

async fn enrol(shop: &Shop, name: &str, email: &str) -> String {
    let body = json!({ "name": name, "email": email, "phone": "+62 811-222", "join_date": "2026-01-10" });
    shop.post("/members/", body).await.expect(201).text_at("data.id")
}

#[tokio::test]
async fn each_reason_has_its_letter_and_each_letter_is_sent_once() {
    let shop = Shop::open().await;
    mailed(&shop).await;
    let voucher = shop.voucher("KOPI20", 500, 5).await;
    assert_eq!(mailed(&shop).await, [], "a voucher is nobody's");

    let member = enrol(&shop, "Sari Wulan", SARI).await;
    let mails = mailed(&shop).await;
    assert_eq!(mails.len(), 1);
    let tiers = ["Silver from 500", "Gold from 1000", "Platinum from 2500"];
    says(&mails[0], SARI, "Welcome to the loyalty programme", &["Hello Sari Wulan", "number is MEM-001"]);
    says(&mails[0], SARI, "Welcome to the loyalty programme", &tiers);

    shop.earn(&member, 1200).await;
    let mails = mailed(&shop).await;
    assert_eq!(mails.len(), 1);
    says(&mails[0], SARI, "You are now Gold", &["you were Bronze, and you are now Gold", "1300 points more"]);
    shop.earn(&member, 10).await;
    assert_eq!(mailed(&shop).await, [], "the same tier");

    let redeemed = shop.redeem(&member, &voucher).await.expect(201);
    let (redemption, code) = (redeemed.text_at("data.id"), redeemed.text_at("data.redemption_code"));
    let mut mails = mailed(&shop).await;
    mails.sort();
    assert_eq!(mails.len(), 2);
    says(&mails[0], SARI, "You are now Silver", &["you were Gold", "290 points more"]);
    let texts = ["Voucher KOPI20 (KOPI20)", "31 March 2026", &code, "You spent 500 points, and 710 are left"];
    says(&mails[1], SARI, "Your voucher KOPI20", &texts);

    shop.step(&redemption, "cancel").await.expect(200);
    let mut mails = mailed(&shop).await;
    mails.sort();
    assert_eq!(mails.len(), 2);
    let texts = ["Voucher KOPI20 (KOPI20)", "500 points are back on your account, which now has 1210"];
    says(&mails[0], SARI, "Voucher KOPI20 cancelled", &texts);
    says(&mails[1], SARI, "You are now Gold", &["you were Silver"]);
    let platinum = json!({ "member": member, "type": "adjustment", "points": 2000 });
    shop.post("/points/", platinum).await.expect(201);
    let mails = mailed(&shop).await;
    says(&mails[0], SARI, "You are now Platinum", &["There is no higher tier"]);
}

#[tokio::test]
async fn nothing_else_is_written_about() {
    let shop = Shop::open().await;
    let (member, voucher) = (enrol(&shop, "Sari Wulan", SARI).await, shop.voucher("KOPI20", 100, 5).await);
    shop.earn(&member, 300).await;
    let redemption = shop.redeemed(&member, &voucher).await;
    mailed(&shop).await;
    let path = format!("/members/{member}/");
    shop.patch(&path, json!({ "name": "Sari W.", "tier_level": "Gold" })).await.expect(200);
    shop.patch(&format!("/vouchers/{voucher}/"), json!({ "points_cost": 5 })).await.expect(200);
    let status = |status: &str| json!({ "status": status });
    shop.post(&format!("/redeem/{redemption}/update-status/"), status("Completed")).await.expect(200);
    shop.post(&format!("/redeem/{redemption}/update-status/"), status("Completed")).await.expect(200);
    shop.step(&redemption, "mark-used").await.expect(200);
    shop.remove(&format!("/vouchers/{voucher}/")).await.expect(200);
    shop.remove(&path).await.expect(200);
    assert_eq!(mailed(&shop).await, []);
}

#[tokio::test]
async fn what_is_refused_is_written_to_nobody() {
    let shop = Shop::open().await;
    let (member, voucher) = (enrol(&shop, "Sari Wulan", SARI).await, shop.voucher("KOPI20", 100, 2).await);
    shop.earn(&member, 260).await;
    let (used, back) = (shop.redeemed(&member, &voucher).await, shop.redeemed(&member, &voucher).await);
    shop.step(&used, "mark-used").await.expect(200);
    shop.step(&back, "cancel").await.expect(200);
    mailed(&shop).await;
    let post = async |path: &str, body: Value| drop(shop.post(path, body).await.expect(400));
    let enrol = json!({ "name": "S", "email": SARI, "phone": "1", "join_date": "2026-01-10" });
    post("/members/", enrol.clone()).await;
    post("/members/", json!({ "name": "S", "email": "else@mail.test", "phone": "x" })).await;
    post("/points/", json!({ "member": member, "type": "redeem", "points": 9000 })).await;
    post("/points/", json!({ "member": "MEM-999", "type": "earn", "points": 9000 })).await;
    post("/redeem/", json!({ "member": member, "voucher": voucher, "status": "Used" })).await;
    shop.patch(&format!("/vouchers/{voucher}/"), json!({ "points_cost": 9000 })).await.expect(200);
    post("/redeem/", json!({ "member": member, "voucher": voucher })).await;
    for (redemption, way) in
        [(&used, "cancel"), (&used, "mark-used"), (&back, "cancel"), (&back, "mark-used")]
    {
        shop.step(redemption, way).await.expect(400);
    }
    shop.as_person(&shop.visitor, "POST", "/members/").json(&enrol).send().await.expect(403);
    let points = json!({ "member": member, "type": "earn", "points": 9000 });
    shop.as_person(&shop.visitor, "POST", "/points/").json(&points).send().await.expect(403);
    assert_eq!(mailed(&shop).await, []);
}

#[tokio::test]
async fn letters_go_to_the_address_of_the_day_and_not_to_who_left() {
    let shop = Shop::open().await;
    let member = enrol(&shop, "Sari Wulan", SARI).await;
    let voucher = shop.voucher("KOPI20", 100, 5).await;
    shop.earn(&member, 300).await;
    let redemption = shop.redeemed(&member, &voucher).await;
    let last = shop.redeemed(&member, &voucher).await;
    mailed(&shop).await;
    shop.patch(&format!("/members/{member}/"), json!({ "email": "new@mail.test" })).await.expect(200);
    shop.step(&redemption, "cancel").await.expect(200);
    let mails = mailed(&shop).await;
    assert_eq!(mails.len(), 1);
    says(&mails[0], "new@mail.test", "Voucher KOPI20 cancelled", &["which now has 200"]);
    shop.remove(&format!("/members/{member}/")).await.expect(200);
    shop.step(&last, "cancel").await.expect(200);
    assert_eq!(mailed(&shop).await, []);
    assert_eq!(shop.recount().await[&voucher], (5, 0));
}

#[tokio::test]
async fn a_letter_tells_names_as_they_are_and_runs_nothing() {
    let shop = Shop::open().await;
    let name = "<b>Sari</b> & {{ member }}";
    enrol(&shop, name, SARI).await;
    let mails = mailed(&shop).await;
    says(&mails[0], SARI, "Welcome to the loyalty programme", &[&format!("Hello {name}")]);
    let sent = shop.world.whole.cloud.mail.to(SARI, 1).unwrap().remove(0);
    let html = sent.html.unwrap();
    assert!(html.contains("&lt;b&gt;Sari") && !html.contains("<b>Sari"), "{html}");
}
