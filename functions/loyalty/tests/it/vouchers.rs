//! The catalogue of vouchers.

mod days;
mod edits;

use serde_json::{Value, json};

use loyalty::vouchers::store::living_key;

use crate::shop::{Shop, refused, told, with};

/// What a voucher is made of.
fn form() -> Value {
    json!({
        "code": "KOPI20", "name": "Kopi 20%", "points_cost": 200, "start_date": "2026-03-01", "end_date": "2026-03-31",
    })
}

#[tokio::test]
async fn a_voucher_is_made_as_told() {
    let shop = Shop::open().await;
    let more = json!({
        "code": " KOPI20 ", "description": "One cup", "type": "cashback", "discount_value": 25, "stock": 40,
        "status": "Active", "limit_per_member": 2, "limit_per_day": "10", "minimum_tier": "Silver",
    });
    let made = shop.post("/vouchers/", with(&form(), &more)).await.expect(201);
    let id = made.text_at("data.id");
    let detail = json!({
        "id": id, "code": "KOPI20", "name": "Kopi 20%", "description": "One cup", "type": "cashback",
        "discount_value": "25.00", "points_cost": 200, "stock": 40, "start_date": "2026-03-01",
        "end_date": "2026-03-31", "status": "Active", "is_available": true, "days_until_expiry": 30,
        "limit_per_member": 2, "limit_per_day": 10, "minimum_tier": "Silver",
        "created_at": "2026-03-01T08:30:00.000000Z", "updated_at": "2026-03-01T08:30:00.000000Z",
    });
    let said = json!({ "success": true, "message": "Voucher created successfully", "data": detail });
    assert_eq!(made.json, said);
    assert_eq!(
        shop.get(&format!("/vouchers/{id}/")).await.expect(200).json,
        json!({ "success": true, "data": detail })
    );
    assert_eq!(shop.get("/vouchers/").await.expect(200).json["results"], json!([detail]));
    let item = shop.world.item(&living_key(&id)).await.unwrap();
    assert_eq!(
        (item["intent"].as_s().unwrap().as_str(), item["terms"].as_n().unwrap().as_str()),
        ("Active", "1")
    );
    assert!(item["duesk"].as_s().unwrap().starts_with("2026-03-28T00:00:00.000000Z#voucher-remind#"));

    let plain = shop.post("/vouchers/", with(&form(), &json!({ "code": "PLAIN" }))).await.expect(201);
    let expected = json!({
        "description": "", "type": "discount", "discount_value": null, "stock": 0, "status": "Active",
        "is_available": false, "limit_per_member": null, "limit_per_day": null, "minimum_tier": null,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(plain.json["data"][name], *value, "{name}");
    }
    for id in ["KOPI20", "0", "550e8400-e29b-41d4-a716-446655440000"] {
        told(shop.get(&format!("/vouchers/{id}/")).await, 404, "Not found.");
    }
}

/// Every fault of a single field, by what is sent for it.
fn faults() -> Vec<(&'static str, Value, String)> {
    let long = |n: usize| json!("x".repeat(n));
    let said = |name, value, text: &str| (name, value, text.to_owned());
    let most = |n: usize| format!("Ensure this field has no more than {n} characters.");
    let least = "Ensure this value is greater than or equal to 0.";
    let (integer, number) = ("A valid integer is required.", "A valid number is required.");
    let date = "Date has wrong format. Use one of these formats instead: YYYY-MM-DD.";
    let mut faults = vec![
        ("code", long(51), most(50)),
        ("name", long(256), most(255)),
        said("type", json!("gift"), "\"gift\" is not a valid choice."),
        said("type", json!("Discount"), "\"Discount\" is not a valid choice."),
        said("status", json!("Open"), "\"Open\" is not a valid choice."),
        said("minimum_tier", json!("Tin"), "\"Tin\" is not a valid choice."),
        said("discount_value", json!(-0.01), least),
        said("discount_value", json!("2.555"), "Ensure that there are no more than 2 decimal places."),
        said(
            "discount_value",
            json!("123456789.12"),
            "Ensure that there are no more than 10 digits in total.",
        ),
        said(
            "discount_value",
            json!(123_456_789),
            "Ensure that there are no more than 8 digits before the decimal point.",
        ),
        said("discount_value", json!("ten"), number),
        said("discount_value", json!(""), number),
        said("discount_value", json!(true), number),
        said("limit_per_member", json!(0), "Ensure this value is greater than or equal to 1."),
        said("limit_per_day", json!(-1), "Ensure this value is greater than or equal to 1."),
        said("limit_per_day", json!(1.5), integer),
        said("end_date", json!("2026-02-28"), "End date must be after start date"),
    ];
    for name in ["points_cost", "stock"] {
        faults.push(said(name, json!(-1), least));
        faults.push(said(
            name,
            json!(2_147_483_648_i64),
            "Ensure this value is less than or equal to 2147483647.",
        ));
        faults.push(said(name, json!(1.5), integer));
        faults.push(said(name, json!("many"), integer));
        faults.push(said(name, json!(""), integer));
    }
    for name in ["start_date", "end_date"] {
        faults.push(said(name, json!("31/03/2026"), date));
        faults.push(said(name, json!("2026-02-30"), date));
    }
    for name in ["code", "name"] {
        faults.push(said(name, json!("  "), "This field may not be blank."));
    }
    for name in ["code", "name", "description"] {
        faults.push(said(name, json!({}), "Not a valid string."));
    }
    for name in
        ["code", "name", "description", "type", "points_cost", "stock", "start_date", "end_date", "status"]
    {
        faults.push(said(name, Value::Null, "This field may not be null."));
    }
    faults
}

#[tokio::test]
async fn every_field_has_its_limits() {
    let shop = Shop::open().await;
    let path = format!("/vouchers/{}/", shop.voucher("TEA", 10, 5).await);
    let before = shop.world.shelf().await.only("voucher");
    for (name, value, text) in faults() {
        let body = {
            let mut body = form();
            body[name] = value.clone();
            body
        };
        refused(shop.post("/vouchers/", body.clone()).await, json!({ name: [text] }));
        refused(shop.put(&path, body).await, json!({ name: [text] }));
        refused(shop.patch(&path, json!({ name: value })).await, json!({ name: [text] }));
    }
    assert_eq!(shop.world.shelf().await.only("voucher"), before, "nothing was written");
    let required = json!(["This field is required."]);
    let nothing = json!({
        "code": required, "name": required, "points_cost": required, "start_date": required, "end_date": required,
    });
    refused(shop.post("/vouchers/", json!({})).await, nothing.clone());
    refused(shop.put(&path, json!({ "stock": 5 })).await, nothing);
    let many =
        json!({ "code": "", "type": "gift", "points_cost": -1, "stock": "x", "discount_value": "1.234" });
    let told = json!({
        "code": ["This field may not be blank."],
        "points_cost": ["Ensure this value is greater than or equal to 0."],
        "type": ["\"gift\" is not a valid choice."],
        "discount_value": ["Ensure that there are no more than 2 decimal places."],
        "stock": ["A valid integer is required."],
    });
    refused(shop.post("/vouchers/", with(&form(), &many)).await, told.clone());
    refused(shop.patch(&path, many).await, told);
}

#[tokio::test]
async fn values_are_taken_as_numbers_and_texts_and_shown_with_two_places() {
    let shop = Shop::open().await;
    let cases = [
        (json!(25), "25.00"),
        (json!("25"), "25.00"),
        (json!(0), "0.00"),
        (json!(12.5), "12.50"),
        (json!("0.05"), "0.05"),
        (json!(99_999_999.99), "99999999.99"),
        (json!(" 7.1 "), "7.10"),
    ];
    for (n, (sent, shown)) in cases.into_iter().enumerate() {
        let body =
            with(&form(), &json!({ "code": format!("V{n}"), "discount_value": sent, "points_cost": "0" }));
        let data = shop.post("/vouchers/", body).await.expect(201).json["data"].clone();
        assert_eq!((&data["discount_value"], &data["points_cost"]), (&json!(shown), &json!(0)));
    }
    let last = shop.get("/vouchers/?page_size=1").await.expect(200).json["results"][0]["id"].clone();
    let path = format!("/vouchers/{}/", last.as_str().unwrap());
    let cleared = shop.patch(&path, json!({ "discount_value": null })).await.expect(200);
    assert_eq!(cleared.json["data"]["discount_value"], Value::Null);
}

#[tokio::test]
async fn older_clients_have_other_names_for_the_kinds() {
    let shop = Shop::open().await;
    for (n, (sent, kept)) in
        [("percentage", "discount"), ("fixed", "cashback"), ("discount", "discount"), ("freebie", "freebie")]
            .into_iter()
            .enumerate()
    {
        let id = shop.voucher_like(&format!("V{n}"), json!({ "type": sent })).await;
        let path = format!("/vouchers/{id}/");
        assert_eq!(shop.get(&path).await.expect(200).json["data"]["type"], kept);
        let other = shop.patch(&path, json!({ "type": "freebie" })).await.expect(200);
        assert_eq!(other.json["data"]["type"], "freebie");
        let again = shop
            .put(&path, with(&form(), &json!({ "code": format!("V{n}"), "type": sent })))
            .await
            .expect(200);
        assert_eq!(again.json["data"]["type"], kept);
    }
}

#[tokio::test]
async fn a_code_is_one_vouchers_to_the_letter() {
    let shop = Shop::open().await;
    let first = shop.voucher("KOPI20", 10, 5).await;
    let taken = json!({ "code": ["Voucher with this code already exists."] });
    for code in ["KOPI20", " KOPI20 "] {
        refused(shop.post("/vouchers/", with(&form(), &json!({ "code": code }))).await, taken.clone());
    }
    let second = shop.voucher("kopi20", 10, 5).await;
    refused(shop.patch(&format!("/vouchers/{second}/"), json!({ "code": "KOPI20" })).await, taken.clone());
    shop.patch(&format!("/vouchers/{first}/"), json!({ "code": "KOPI20" })).await.expect(200);
    shop.patch(&format!("/vouchers/{first}/"), json!({ "code": "KOPI30" })).await.expect(200);
    shop.patch(&format!("/vouchers/{second}/"), json!({ "code": "KOPI20" })).await.expect(200);
    shop.remove(&format!("/vouchers/{second}/")).await.expect(200);
    shop.post("/vouchers/", form()).await.expect(201);
    refused(shop.post("/vouchers/", form()).await, taken);
}

#[tokio::test]
async fn a_removed_voucher_is_gone_and_what_was_redeemed_of_it_is_good() {
    let shop = Shop::open().await;
    let sari = shop.member_with("Sari", 500).await;
    let (kept, id) = (shop.voucher("TEA", 10, 5).await, shop.voucher("KOPI20", 100, 5).await);
    let used = shop.redeemed(&sari, &id).await;
    let back = shop.redeemed(&sari, &id).await;
    let gone = shop.remove(&format!("/vouchers/{id}/")).await.expect(200);
    assert_eq!(gone.json, json!({ "success": true, "message": "Voucher deleted successfully" }));
    let path = format!("/vouchers/{id}/");
    told(shop.get(&path).await, 404, "Not found.");
    told(shop.put(&path, form()).await, 404, "Not found.");
    told(shop.patch(&path, json!({ "code": "" })).await, 404, "Not found.");
    told(shop.remove(&path).await, 404, "Not found.");
    let list = shop.get("/vouchers/").await.expect(200);
    assert_eq!((&list.json["count"], &list.json["results"][0]["id"]), (&json!(1), &json!(kept)));
    let figures = shop.get("/vouchers/statistics/").await.expect(200).json["data"].clone();
    assert_eq!((&figures["total_vouchers"], &figures["total_stock"]), (&json!(1), &json!(5)));
    let unknown = json!({ "voucher": [format!("Invalid pk \"{id}\" - object does not exist.")] });
    refused(shop.redeem(&sari, &id).await, unknown);

    let listed = shop.get(&format!("/redeem/?voucher={id}")).await.expect(200);
    assert_eq!(
        (&listed.json["count"], &listed.json["results"][0]["voucher_name"]),
        (&json!(2), &json!("Voucher KOPI20"))
    );
    shop.post(&format!("/redeem/{used}/mark-used/"), json!({})).await.expect(200);
    let cancelled = shop.post(&format!("/redeem/{back}/cancel/"), json!({})).await.expect(200);
    assert_eq!(cancelled.json["data"]["voucher_code"], "KOPI20");
    assert_eq!(shop.ledger(&sari).await, [100, -100, -100, 500]);
    assert_eq!(shop.get("/vouchers/statistics/").await.expect(200).json["data"]["total_stock"], 5);
    told(shop.get(&path).await, 404, "Not found.");
}
