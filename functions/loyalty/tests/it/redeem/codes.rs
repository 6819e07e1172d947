//! The code that proves a redemption at the till.

use serde_json::json;

use crate::shop::{Shop, told};

#[tokio::test]
async fn the_till_finds_a_redemption_by_its_code() {
    let shop = Shop::open().await;
    let sari = shop.member_with("Sari", 1000).await;
    let voucher = shop.voucher("KOPI20", 100, 5).await;
    let made = shop.redeem(&sari, &voucher).await.expect(201).json["data"].clone();
    let code = made["redemption_code"].as_str().unwrap();
    let by_code = |code: &str| {
        let call = shop.call("GET", &format!("/redeem/by-code/{code}/"));
        async move { call.send().await }
    };
    assert!(code.starts_with("1-1-") && code.len() == 23, "{code}");
    for typed in [code.to_owned(), code.to_lowercase(), code.replace('-', "%20"), format!("%20{code}%20")] {
        assert_eq!(by_code(&typed).await.expect(200).json, json!({ "success": true, "data": made }));
    }
    shop.post(&format!("/redeem/{}/mark-used/", made["id"].as_str().unwrap()), json!({})).await.expect(200);
    let used = by_code(code).await.expect(200);
    assert_eq!(
        (used.text_at("data.status"), used.text_at("data.id")),
        ("Used".to_owned(), made["id"].as_str().unwrap().to_owned())
    );

    let other = shop.redeem(&sari, &voucher).await.expect(201).text_at("data.redemption_code");
    let mixed = format!("1-2-{}", &code[4..]);
    assert_ne!(other[4..], code[4..]);
    let last = if code.ends_with('0') { "1" } else { "0" };
    let guessed = format!("{}{last}", &code[..22]);
    for wrong in [
        &mixed,
        &guessed,
        &code[..22].to_owned(),
        &"1-1".to_owned(),
        &"x".to_owned(),
        &"9-9-0000-0000-0000-0000".to_owned(),
    ] {
        told(by_code(wrong).await, 404, "Not found.");
    }
}

#[tokio::test]
async fn codes_are_the_business_of_the_desk() {
    let shop = Shop::open().await;
    let sari = shop.member_with("Sari", 1000).await;
    shop.link(&sari, &shop.visitor).await;
    let voucher = shop.voucher("KOPI20", 100, 5).await;
    let mine = shop
        .as_person(&shop.visitor, "POST", "/redeem/")
        .json(&json!({ "member": sari, "voucher": voucher }));
    let code = mine.send().await.expect(201).text_at("data.redemption_code");
    let path = format!("/redeem/by-code/{code}/");
    let forbidden = "You do not have permission to perform this action.";
    told(shop.as_person(&shop.visitor, "GET", &path).send().await, 403, forbidden);
    shop.as_person(&shop.admin, "GET", &path).send().await.expect(200);
    let anonymous = shop.world.get(&format!("/api/loyalty{path}")).send().await;
    told(anonymous, 401, "Authentication credentials were not provided.");
    // Its owner sees the code and needs no search for it.
    let own = shop.as_person(&shop.visitor, "GET", "/redeem/").send().await.expect(200);
    assert_eq!(own.json["results"][0]["redemption_code"], code);
}
