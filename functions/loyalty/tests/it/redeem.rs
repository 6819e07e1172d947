//! Redeeming points for vouchers.

mod codes;
mod limits;
mod steps;

use serde_json::{Value, json};

use loyalty::ids::Place;
use loyalty::redeem::store::redemption_key;

use crate::shop::{Shop, refused, told, with};

#[tokio::test]
async fn points_become_a_redemption() {
    let shop = Shop::open().await;
    let sari = shop.member_with("Sari Wulan", 700).await;
    let voucher = shop.voucher("KOPI20", 200, 40).await;
    let made = shop.redeem(&sari, &voucher).await.expect(201);
    let id = made.text_at("data.id");
    let detail = json!({
        "id": id, "member": sari, "member_id": sari, "member_name": "Sari Wulan",
        "member_email": "sari.wulan@mail.test", "voucher": voucher, "voucher_id": voucher,
        "voucher_code": "KOPI20", "voucher_name": "Voucher KOPI20", "points_cost": 200, "points_used": 200,
        "status": "Pending", "redemption_code": made.text_at("data.redemption_code"), "valid_until": "2026-03-31",
        "redeem_date": "2026-03-01T08:30:00.000000Z", "used_date": null,
        "created_at": "2026-03-01T08:30:00.000000Z", "updated_at": "2026-03-01T08:30:00.000000Z",
    });
    assert_eq!(made.json, json!({ "success": true, "message": "Redemption successful", "data": detail }));
    assert_eq!(
        shop.get(&format!("/redeem/{id}/")).await.expect(200).json,
        json!({ "success": true, "data": detail })
    );
    for query in ["", "?member=MEM-001", &format!("?voucher={voucher}")] {
        assert_eq!(shop.get(&format!("/redeem/{query}")).await.expect(200).json["results"], json!([detail]));
    }
    assert_eq!((shop.balance(&sari).await, shop.stock(&voucher).await), (500, 39));
    let entry = shop.get(&format!("/points/member/{sari}/")).await.expect(200).json["data"][0].clone();
    let expected = json!({
        "transaction_type": "redeem", "points": -200, "description": "Redeemed Voucher KOPI20",
        "reference": id, "created_by": "staff1",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(entry[name], *value, "{name}");
    }
    let item = shop.world.item(&redemption_key(Place::of(&id).unwrap())).await.unwrap();
    assert_eq!(
        (item["points_cost"].as_n().unwrap().as_str(), item["status"].as_s().unwrap().as_str()),
        ("200", "Pending")
    );
    for id in ["0", "r_3", "550e8400-e29b-41d4-a716-446655440000"] {
        told(shop.get(&format!("/redeem/{id}/")).await, 404, "Not found.");
    }
}

#[tokio::test]
async fn it_begins_as_pending_or_completed_and_at_the_price_of_the_voucher() {
    let shop = Shop::open().await;
    let sari = shop.member_with("Sari", 700).await;
    let voucher = shop.voucher("KOPI20", 200, 40).await;
    let wish = json!({
        "memberId": sari, "voucherId": voucher, "status": "Completed", "id": "R1", "pointsUsed": 1,
        "points_cost": 1, "redeemDate": "2020-01-01", "redeem_date": "2020-01-01", "used_date": "2020-01-01",
        "created_at": "2020-01-01", "member_name": "X", "voucher_code": "X",
    });
    let made = shop.post("/redeem/", wish).await.expect(201).json["data"].clone();
    assert_eq!(
        (&made["status"], &made["points_cost"], &made["used_date"]),
        (&json!("Completed"), &json!(200), &Value::Null)
    );
    assert_eq!(
        (&made["member_name"], &made["redeem_date"]),
        (&json!("Sari"), &json!("2026-03-01T08:30:00.000000Z"))
    );
    let body = json!({ "member": sari, "voucher": voucher });
    for (status, text) in [
        (json!("Used"), "A new redemption must be Pending or Completed."),
        (json!("Cancelled"), "A new redemption must be Pending or Completed."),
        (json!("Done"), "\"Done\" is not a valid choice."),
        (json!("pending"), "\"pending\" is not a valid choice."),
        (json!(""), "\"\" is not a valid choice."),
        (Value::Null, "This field may not be null."),
    ] {
        let mut body = body.clone();
        body["status"] = status;
        refused(shop.post("/redeem/", body).await, json!({ "status": [text] }));
    }
    assert_eq!((shop.balance(&sari).await, shop.stock(&voucher).await), (500, 39), "a refusal costs nothing");
    let both = json!({ "member": sari, "memberId": "MEM-009", "voucher": voucher, "voucherId": "0" });
    shop.post("/redeem/", both).await.expect(201);
}

#[tokio::test]
async fn the_first_reason_that_applies_is_told_alone() {
    let shop = Shop::open().await;
    let sari = shop.member_with("Sari", 50).await;
    let voucher =
        shop.voucher_like("KOPI20", json!({ "points_cost": 100, "stock": 0, "status": "Inactive" })).await;
    let (member, offer) = (format!("/members/{sari}/"), format!("/vouchers/{voucher}/"));
    shop.patch(&member, json!({ "status": "Inactive" })).await.expect(200);
    let required = json!(["This field is required."]);
    refused(shop.post("/redeem/", json!({})).await, json!({ "member": required, "voucher": required }));
    let unknown = |id: &str| json!([format!("Invalid pk \"{id}\" - object does not exist.")]);
    refused(
        shop.redeem("MEM-404", "v_7").await,
        json!({ "member": unknown("MEM-404"), "voucher": unknown("v_7") }),
    );
    refused(shop.redeem(&sari, "v_7").await, json!({ "voucher": unknown("v_7") }));
    refused(shop.redeem("MEM-404", &voucher).await, json!({ "member": unknown("MEM-404") }));
    let numbers = json!({ "member": 5, "voucher": 7 });
    refused(shop.post("/redeem/", numbers).await, json!({ "member": unknown("5"), "voucher": unknown("7") }));
    let odd = json!({ "member": ["MEM-001"], "voucher": null });
    let told = json!({ "member": ["Not a valid string."], "voucher": ["This field may not be null."] });
    refused(shop.post("/redeem/", odd).await, told);

    let used = json!({ "member": sari, "voucher": voucher, "status": "Used" });
    refused(
        shop.post("/redeem/", used).await,
        json!({ "status": ["A new redemption must be Pending or Completed."] }),
    );
    refused(shop.redeem(&sari, &voucher).await, json!({ "member": ["Member is not active"] }));
    shop.patch(&member, json!({ "status": "Active" })).await.expect(200);
    refused(shop.redeem(&sari, &voucher).await, json!({ "member": ["Insufficient points for redemption"] }));
    shop.earn(&sari, 50).await;
    refused(shop.redeem(&sari, &voucher).await, json!({ "voucher": ["Voucher is not available"] }));
    shop.patch(&offer, json!({ "status": "Active" })).await.expect(200);
    refused(shop.redeem(&sari, &voucher).await, json!({ "voucher": ["Voucher is out of stock"] }));
    assert_eq!(shop.ledger(&sari).await, [50, 50]);
    shop.patch(&offer, json!({ "stock": 1 })).await.expect(200);
    shop.redeem(&sari, &voucher).await.expect(201);
    assert_eq!((shop.balance(&sari).await, shop.stock(&voucher).await), (0, 0));
}

#[tokio::test]
async fn a_voucher_may_cost_nothing() {
    let shop = Shop::open().await;
    let sari = shop.member("Sari").await;
    let voucher = shop.voucher("FREE", 0, 1).await;
    let id = shop.redeemed(&sari, &voucher).await;
    assert_eq!(shop.ledger(&sari).await, [0]);
    shop.post(&format!("/redeem/{id}/cancel/"), json!({})).await.expect(200);
    assert_eq!((shop.balance(&sari).await, shop.stock(&voucher).await), (0, 1));
}

#[tokio::test]
async fn redemptions_enter_the_ledger_and_move_the_tier() {
    let shop = Shop::open().await;
    let sari = shop.member_with("Sari", 600).await;
    let voucher = shop.voucher("KOPI20", 200, 1).await;
    let id = shop.redeemed(&sari, &voucher).await;
    let tier =
        || async { shop.get(&format!("/members/{sari}/")).await.expect(200).text_at("data.tier_level") };
    assert_eq!((shop.ledger(&sari).await, tier().await.as_str()), (vec![-200, 600], "Bronze"));
    shop.post(&format!("/redeem/{id}/cancel/"), json!({})).await.expect(200);
    assert_eq!((shop.ledger(&sari).await, tier().await.as_str()), (vec![200, -200, 600], "Silver"));
    let refund = shop.get(&format!("/points/member/{sari}/")).await.expect(200).json["data"][0].clone();
    let expected = json!({
        "transaction_type": "adjustment", "points": 200, "description": "Refund of Voucher KOPI20", "reference": id,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(refund[name], *value, "{name}");
    }
}

#[tokio::test]
async fn no_redemption_is_ever_removed() {
    let shop = Shop::open().await;
    let sari = shop.member_with("Sari", 600).await;
    let id = shop.redeemed(&sari, &shop.voucher("KOPI20", 200, 1).await).await;
    for person in [&shop.admin, &shop.clerk, &shop.visitor] {
        let call = shop.as_person(person, "DELETE", &format!("/redeem/{id}/"));
        told(call.send().await, 405, "Method \"DELETE\" not allowed.");
    }
    shop.get(&format!("/redeem/{id}/")).await.expect(200);
}

#[tokio::test]
async fn dates_bound_the_list_and_include_their_whole_day() {
    let mut shop = Shop::open().await;
    let sari = shop.member_with("Sari", 600).await;
    let voucher = shop.voucher("KOPI20", 10, 9).await;
    let mut made = Vec::new();
    for time in ["01T08:30:00Z", "01T23:59:59.999999Z", "02T00:00:00Z", "02T12:00:00Z"] {
        shop.at(&format!("2026-03-{time}")).await;
        made.push(shop.redeemed(&sari, &voucher).await);
    }
    for (query, expected) in [
        ("date_to=2026-03-01", vec![1, 0]),
        ("date_from=2026-03-02", vec![3, 2]),
        ("date_from=2026-03-01&date_to=2026-03-02", vec![3, 2, 1, 0]),
        ("date_from=2026-03-01T23:59:59.999999Z&date_to=2026-03-02T00:00:00Z", vec![2, 1]),
        ("date_from=2026-03-03", vec![]),
        ("ordering=redeem_date&date_to=2026-03-01&status=Pending", vec![0, 1]),
    ] {
        let expected: Vec<&String> = expected.into_iter().map(|place: usize| &made[place]).collect();
        for of in [String::new(), format!("&member={sari}"), format!("&voucher={voucher}")] {
            let list = shop.get(&format!("/redeem/?{query}{of}")).await.expect(200);
            let ids: Vec<&str> =
                list.json["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
            assert_eq!(ids, expected, "{query}{of}");
        }
    }
    let bad = json!({ "status": ["Select a valid choice. Done is not one of the available choices."], "date_to": ["Enter a valid date/time."] });
    let answer = shop.get("/redeem/?date_to=x&status=Done").await.expect(400);
    assert_eq!(with(&answer.json["error"]["details"], &json!({})), bad);
}
