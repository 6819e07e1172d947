//! Claiming what was bought as a gift.

use serde_json::json;
use testkit::{with, without};

use crate::shapes::{each, voucher};
use crate::till::{Till, refused, said};

const CLAIM: &str = "/vouchers/claim/";

#[tokio::test]
async fn a_gift_is_whose_who_claims_it() {
    let till = Till::open().await;
    let body = json!({ "voucher_type_id": till.exam, "quantity": 2, "recipient_email": till.kofi.email });
    let bought = till.post(&till.ama, "/vouchers/purchase/", body).await.expect(201).json;
    let gift = &bought["vouchers"][0];
    let code = gift["code"].as_str().unwrap();
    let claimed = till.post(&till.kofi, CLAIM, json!({ "code": code.to_lowercase() })).await.expect(200).json;
    let kofis = voucher(&till, &till.kofi, gift);
    assert_eq!(claimed, kofis, "nobody is written to any more");
    assert_eq!(till.get(&till.kofi, &format!("/vouchers/detail/{code}/")).await.expect(200).json, kofis);
    assert_eq!(each(&till.get(&till.kofi, "/vouchers/my-vouchers/").await.expect(200), "code"), [code]);
    said(till.get(&till.ama, &format!("/vouchers/detail/{code}/")).await, 404, "Voucher not found");
    let left = till.get(&till.ama, "/vouchers/my-vouchers/").await.expect(200);
    assert_eq!(left.json["results"], json!([bought["vouchers"][1]]));
    for (who, total) in [(&till.ama, 1), (&till.kofi, 1)] {
        let stats = till.get(who, "/vouchers/stats/").await.expect(200).json;
        assert_eq!((&stats["total_vouchers"], &stats["total_value"]), (&json!(total), &json!("10.00")));
    }
    // Who paid still sees what was paid for, and staff find it with whoever has it.
    let kept = till.payment(&till.ama, bought["payment"]["id"].as_str().unwrap()).await;
    assert_eq!(without(&kept, &["vouchers", "refund"]), bought["payment"]);
    let staffs = till.get(&till.staff, &format!("/vouchers/detail/{code}/")).await.expect(200).json;
    assert_eq!(staffs, with(&kofis, &json!({ "user_email": till.kofi.email })));
    till.world.settle().await;
    let found = till.get(&till.staff, "/admin/vouchers/?search=kofi").await.expect(200);
    assert_eq!(found.json["results"], json!([staffs]));
}

#[tokio::test]
async fn only_a_gift_is_claimed_and_only_once() {
    let till = Till::open().await;
    let plain = till.code(&till.ama).await;
    let told = json!({ "code": ["This voucher was not sent to anybody, or was claimed already."] });
    for who in [&till.kofi, &till.ama, &till.staff] {
        refused(till.post(who, CLAIM, json!({ "code": plain })).await, told.clone());
    }
    let body = json!({ "voucher_type_id": till.exam, "recipient_email": "somebody@else.test" });
    let gift =
        till.post(&till.ama, "/vouchers/purchase/", body).await.expect(201).json["vouchers"][0]["code"]
            .clone();
    till.post(&till.kofi, CLAIM, json!({ "code": gift })).await.expect(200);
    for who in [&till.kofi, &till.ama] {
        refused(till.post(who, CLAIM, json!({ "code": gift })).await, told.clone());
    }
    refused(till.post(&till.kofi, CLAIM, json!({})).await, json!({ "code": ["This field is required."] }));
    refused(
        till.post(&till.kofi, CLAIM, json!({ "code": "ABCDEFGHJKLM" })).await,
        json!({ "code": ["Invalid voucher code."] }),
    );
    let long = json!({ "code": ["Ensure this field has no more than 20 characters."] });
    refused(till.post(&till.kofi, CLAIM, json!({ "code": "x".repeat(21) })).await, long);
    assert_eq!(till.get(&till.ama, "/vouchers/my-vouchers/").await.expect(200).json["count"], 1);
}
