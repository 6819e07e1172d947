//! What members see: their own.

use serde_json::{Value, json};
use testkit::Person;

use super::Cast;
use crate::shop::{refused, told};

/// The ids of a list, and its count.
async fn listed(cast: &Cast, person: &Person, path: &str) -> (Vec<String>, u64) {
    let list = cast.shop.as_person(person, "GET", path).send().await.expect(200);
    let rows = list.json["data"].as_array().unwrap().iter();
    (rows.map(|row| row["id"].as_str().unwrap().to_owned()).collect(), list.json["count"].as_u64().unwrap())
}

#[tokio::test]
async fn lists_shrink_to_what_is_ones_own_whatever_is_asked() {
    let cast = Cast::assemble().await;
    let (shop, mine, theirs, voucher) = (&cast.shop, &cast.mine, &cast.theirs, &cast.voucher);
    let own = shop.redeemed(mine, voucher).await;
    let foreign = shop.redeemed(theirs, voucher).await;
    shop.world.settle().await;
    let (everything, count) = listed(&cast, &shop.clerk, "/points/").await;
    assert_eq!((everything.len(), count), (4, 4));
    let ledger: Vec<String> = listed(&cast, &shop.clerk, &format!("/points/?member={mine}")).await.0;
    let some = |ids: &[String]| (ids.to_vec(), ids.len() as u64);
    let one = |id: &String| some(std::slice::from_ref(id));
    let (member, redemption, nothing) = (one(mine), one(&own), some(&[]));
    for (path, expected) in [
        ("/members/".to_owned(), &member),
        ("/members/?status=Active&min_points=1".to_owned(), &member),
        ("/members/?ordering=total_points".to_owned(), &member),
        ("/members/?search=sari".to_owned(), &member),
        ("/members/?search=mem-001".to_owned(), &member),
        ("/members/?search=62811222".to_owned(), &member),
        ("/members/?search=sari.wulan@mail".to_owned(), &member),
        ("/members/?search=budi".to_owned(), &nothing),
        ("/members/?search=mem-002".to_owned(), &nothing),
        ("/members/?status=Inactive".to_owned(), &nothing),
        ("/members/?tier_level=Bronze".to_owned(), &nothing),
        ("/points/".to_owned(), &some(&ledger)),
        (format!("/points/?member={mine}"), &some(&ledger)),
        ("/points/?search=wulan".to_owned(), &some(&ledger)),
        ("/points/?ordering=-points&transaction_type=redeem".to_owned(), &some(&ledger[..1])),
        (format!("/points/?member={theirs}"), &nothing),
        ("/points/?member=MEM-404".to_owned(), &nothing),
        ("/points/?search=budi".to_owned(), &nothing),
        (format!("/points/member/{mine}/"), &some(&ledger)),
        (format!("/points/member/{theirs}/"), &nothing),
        ("/redeem/".to_owned(), &redemption),
        (format!("/redeem/?voucher={voucher}"), &redemption),
        ("/redeem/?search=kopi20".to_owned(), &redemption),
        ("/redeem/?status=Pending&ordering=points_cost".to_owned(), &redemption),
        (format!("/redeem/?member={theirs}"), &nothing),
        ("/redeem/?search=budi".to_owned(), &nothing),
    ] {
        assert_eq!(&listed(&cast, &cast.owner, &path).await, expected, "{path}");
    }
    for path in [
        format!("/members/{theirs}/"),
        format!("/redeem/{foreign}/"),
        format!("/points/{}/", foreign_entry(&cast).await),
    ] {
        told(shop.as_person(&cast.owner, "GET", &path).send().await, 404, "Not found.");
    }
    told(shop.as_person(&cast.owner, "GET", "/points/?page=2").send().await, 404, "Invalid page.");
}

async fn foreign_entry(cast: &Cast) -> String {
    listed(cast, &cast.shop.clerk, &format!("/points/?member={}", cast.theirs)).await.0[0].clone()
}

#[tokio::test]
async fn an_account_without_a_member_sees_vouchers_and_nothing_else() {
    let cast = Cast::assemble().await;
    let shop = &cast.shop;
    shop.redeemed(&cast.mine, &cast.voucher).await;
    for path in ["/members/", "/points/", "/redeem/", "/points/member/MEM-001/", "/members/?search=sari"] {
        assert_eq!(listed(&cast, &shop.visitor, path).await, (Vec::new(), 0), "{path}");
    }
    assert_eq!(listed(&cast, &shop.visitor, "/vouchers/").await.0, [cast.voucher.as_str()]);
    told(shop.as_person(&shop.visitor, "GET", "/members/MEM-001/").send().await, 404, "Not found.");
    told(shop.as_person(&shop.visitor, "GET", "/members/me/").send().await, 404, "Not found.");
    let wish = json!({ "member": cast.mine, "voucher": cast.voucher });
    let refusal = json!({ "member": ["Invalid pk \"MEM-001\" - object does not exist."] });
    refused(shop.as_person(&shop.visitor, "POST", "/redeem/").json(&wish).send().await, refusal);
}

#[tokio::test]
async fn members_redeem_for_themselves_and_begin_as_pending() {
    let cast = Cast::assemble().await;
    let shop = &cast.shop;
    let redeem = async |member: &str, status: Value| {
        let mut body = json!({ "member": member, "voucher": cast.voucher });
        if !status.is_null() {
            body["status"] = status;
        }
        shop.as_person(&cast.owner, "POST", "/redeem/").json(&body).send().await
    };
    for status in [Value::Null, json!("Pending"), json!("Completed")] {
        let made = redeem(&cast.mine, status).await.expect(201);
        assert_eq!(made.text_at("data.status"), "Pending");
        let entry = listed(&cast, &shop.clerk, "/points/").await.0[0].clone();
        assert_eq!(
            shop.get(&format!("/points/{entry}/")).await.expect(200).text_at("data.created_by"),
            "owner"
        );
    }
    // Somebody else's member is as unknown as one that does not exist.
    let before = shop.world.shelf().await;
    for (member, shown) in [(&cast.theirs, "MEM-002"), (&"MEM-007".to_owned(), "MEM-007")] {
        let refusal = json!({ "member": [format!("Invalid pk \"{shown}\" - object does not exist.")] });
        refused(redeem(member, Value::Null).await, refusal);
    }
    assert_eq!(shop.world.shelf().await.changed_since(&before), Vec::<&str>::new());
    // Business reasons are told to members as to staff.
    shop.patch(&format!("/members/{}/", cast.mine), json!({ "status": "Inactive" })).await.expect(200);
    refused(redeem(&cast.mine, Value::Null).await, json!({ "member": ["Member is not active"] }));
}

#[tokio::test]
async fn what_is_seen_moves_with_the_link() {
    let cast = Cast::assemble().await;
    let shop = &cast.shop;
    let owner = &cast.owner;
    assert_eq!(listed(&cast, owner, "/members/").await.0, [cast.mine.as_str()]);
    shop.patch(&format!("/members/{}/", cast.mine), json!({ "user_id": null })).await.expect(200);
    assert_eq!(listed(&cast, owner, "/members/").await.0, Vec::<String>::new());
    let heir = shop.world.person("heir", &[]).await;
    shop.link(&cast.mine, &heir).await;
    assert_eq!(listed(&cast, &heir, "/points/").await.1, 1);
    shop.link(&shop.member("Fresh").await, owner).await;
    assert_eq!(listed(&cast, owner, "/members/").await.0, ["MEM-003"]);
    assert_eq!(listed(&cast, owner, "/points/").await.1, 0);
    shop.remove("/members/MEM-003/").await.expect(200);
    assert_eq!(listed(&cast, owner, "/members/").await.0, Vec::<String>::new());
}
