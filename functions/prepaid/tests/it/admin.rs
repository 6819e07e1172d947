//! What staff look after.

use serde_json::{Value, json};
use testkit::with;
use wire::Stamp;

use crate::shapes::{END, OPENING, each, payment, voucher};
use crate::till::{Till, refused, said};

#[tokio::test]
async fn the_overview_says_where_everything_is() {
    let till = Till::open().await;
    let overview = till.get(&till.staff, "/admin/").await.expect(200).json;
    let at = |path: &str| format!("http://mercato.test/api/prepaid{path}");
    let expected = json!({
        "voucher_types": at("/vouchers/types/"), "vouchers": at("/admin/vouchers/"), "payments": at("/admin/payments/"),
        "refunds": at("/admin/refunds/"), "discounts": at("/admin/discounts/"), "users": at("/admin/users/"),
    });
    assert_eq!(overview, expected);
    for path in expected.as_object().unwrap().values() {
        let path = path.as_str().unwrap().strip_prefix("http://mercato.test").unwrap();
        let there = till.world.get(path).bearer(&till.staff.access).send().await.expect(200);
        assert!(there.json["count"].is_number() && there.json["results"].is_array(), "{path}: {there:?}");
    }
}

#[tokio::test]
async fn staff_see_all_vouchers_with_whose_they_are() {
    let till = Till::open().await;
    let mut rows = Vec::new();
    for who in [&till.ama, &till.kofi] {
        let bought = till.buys(who, 1).await.json["vouchers"][0].clone();
        rows.push(with(&voucher(&till, who, &bought), &json!({ "user_email": who.email })));
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row["id"].as_str().unwrap().to_owned()));
    till.world.settle().await;
    let list = till.get(&till.staff, "/admin/vouchers/").await.expect(200).json;
    assert_eq!(list, json!({ "count": 2, "next": null, "previous": null, "results": rows }));
    let amas = rows.iter().find(|row| row["user"] == json!(till.ama.id)).unwrap();
    let code = amas["code"].as_str().unwrap();
    for query in
        [format!("user={}", till.ama.id), "search=ama@shop.test".to_owned(), format!("search={code}")]
    {
        let some = till.get(&till.staff, &format!("/admin/vouchers/?{query}")).await.expect(200).json;
        assert_eq!((&some["count"], &some["results"]), (&json!(1), &json!([amas])), "{query}");
    }
    let told = json!({ "status": ["Select a valid choice. lost is not one of the available choices."] });
    refused(till.get(&till.staff, "/admin/vouchers/?status=lost").await, told);
}

#[tokio::test]
async fn staff_see_all_payments_with_who_paid() {
    let till = Till::open().await;
    let bought = till.buys(&till.ama, 1).await.json["payment"].clone();
    till.world.clock.set(Stamp::parse_from("2026-03-01T08:31:00Z").unwrap());
    let (kofis, intent) = till.intent(&till.kofi, 2).await;
    till.world.settle().await;
    let list = till.get(&till.staff, "/admin/payments/").await.expect(200);
    assert_eq!(each(&list, "id"), [kofis.clone(), bought["id"].as_str().unwrap().to_owned()]);
    let row = &list.json["results"][1];
    assert!(row["stripe_charge_id"].as_str().unwrap().starts_with("ch_"), "{row}");
    let more = json!({ "stripe_charge_id": row["stripe_charge_id"], "user_email": till.ama.email });
    assert_eq!(*row, with(&bought, &more));
    let row = &list.json["results"][0];
    let changes = json!({
        "quantity": 2, "amount": "20.00", "total_amount": "20.00", "stripe_payment_intent_id": intent,
        "user_email": till.kofi.email, "created_at": "2026-03-01T08:31:00.000000Z",
        "updated_at": "2026-03-01T08:31:00.000000Z",
    });
    assert_eq!(*row, with(&payment(&till, &till.kofi, row), &changes));
    for query in [
        format!("search={intent}"),
        format!("search={kofis}"),
        "search=KOFI".to_owned(),
        format!("user={}", till.kofi.id),
        "status=pending".to_owned(),
        "date_from=2026-03-01T08:30:30Z&date_to=2026-03-01".to_owned(),
    ] {
        let some = till.get(&till.staff, &format!("/admin/payments/?{query}")).await.expect(200);
        assert_eq!((each(&some, "id"), &some.json["count"]), (vec![kofis.clone()], &json!(1)), "{query}");
    }
    let told = json!({
        "status": ["Select a valid choice. paid is not one of the available choices."],
        "date_from": ["Enter a valid date/time."], "date_to": ["Enter a valid date/time."],
    });
    refused(till.get(&till.staff, "/admin/payments/?status=paid&date_from=x&date_to=2026-02-30").await, told);
}

#[tokio::test]
async fn staff_move_the_end_of_a_voucher_and_leave_notes() {
    let till = Till::open().await;
    let bought = till.buys(&till.ama, 1).await.json["vouchers"][0].clone();
    let code = bought["code"].as_str().unwrap();
    let path = format!("/admin/vouchers/{}/", code.to_lowercase());
    let staffs = with(&voucher(&till, &till.ama, &bought), &json!({ "user_email": till.ama.email }));
    assert_eq!(till.patch(&path, json!({})).await.expect(200).json, staffs);
    let noted =
        till.patch(&path, json!({ "metadata": { "batch": 7 }, "status": "used", "usage_count": 9 })).await;
    let noted_as = json!({ "metadata": { "batch": 7 } });
    assert_eq!(noted.expect(200).json, with(&staffs, &noted_as));
    let shown = till.get(&till.ama, &format!("/vouchers/detail/{code}/")).await.expect(200).json;
    assert_eq!(shown["metadata"], json!({ "batch": 7 }));
    let past = till.patch(&path, json!({ "expires_at": "2026-02-01T00:00:00Z" })).await.expect(200).json;
    let changes = json!({
        "status": "expired", "is_active": false, "uses_remaining": 0, "is_valid": false, "voucher_is_valid": false,
        "expires_at": "2026-02-01T00:00:00.000000Z", "expiry_date": "2026-02-01T00:00:00.000000Z",
        "days_until_expiry": 0, "metadata": { "batch": 7 },
    });
    assert_eq!(past, with(&staffs, &changes));
    let board = till.get(&till.staff, "/analytics/dashboard/").await.expect(200).json;
    assert_eq!((&board["vouchers"]["expired"], &board["vouchers"]["active"]), (&json!(1), &json!(0)));
    refused(till.redeems(&till.ama, code).await, json!({ "code": ["Voucher is not valid or has expired."] }));
    // Also under the name that older clients know it by.
    let back = till.patch(&path, json!({ "expiry_date": END, "metadata": {} })).await.expect(200).json;
    assert_eq!(back, staffs);
    till.redeems(&till.ama, code).await.expect(200);
    for (body, told) in [
        (
            json!({ "expires_at": "soon" }),
            json!({ "expires_at": ["Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."] }),
        ),
        (json!({ "expires_at": null }), json!({ "expires_at": ["This field may not be null."] })),
        (
            json!({ "metadata": [] }),
            json!({ "metadata": ["Expected a dictionary of items but got type \"list\"."] }),
        ),
        (
            json!({ "metadata": { "x": "x".repeat(8_192) } }),
            json!({ "metadata": ["Ensure this field has no more than 8192 bytes."] }),
        ),
    ] {
        refused(till.patch(&path, body).await, told);
    }
    said(
        till.patch("/admin/vouchers/ABCDEFGHJKLM/", json!({ "metadata": [] })).await,
        404,
        "Voucher not found",
    );
}

#[tokio::test]
async fn staff_call_off_what_is_active_and_nothing_else() {
    let till = Till::open().await;
    let bought = till.buys(&till.ama, 1).await.json["vouchers"][0].clone();
    let code = bought["code"].as_str().unwrap().to_owned();
    let path = |code: &str| format!("/admin/vouchers/{code}/cancel/");
    let required = json!({ "reason": ["This field is required."] });
    refused(till.post(&till.staff, &path(&code), json!({})).await, required);
    let blank = json!({ "reason": ["This field may not be blank."] });
    refused(till.post(&till.staff, &path(&code), json!({ "reason": "" })).await, blank);
    let gone =
        till.post(&till.staff, &path(&code), json!({ "reason": "Card was stolen." })).await.expect(200).json;
    let note = json!({ "cancelled": { "reason": "Card was stolen.", "by": till.staff.id, "at": OPENING } });
    let changes = json!({
        "status": "cancelled", "is_active": false, "uses_remaining": 0, "is_valid": false,
        "voucher_is_valid": false, "metadata": note, "user_email": till.ama.email,
    });
    assert_eq!(gone, with(&voucher(&till, &till.ama, &bought), &changes));
    let used = till.code(&till.ama).await;
    for _ in 0..3 {
        till.redeems(&till.ama, &used).await.expect(200);
    }
    let over = till.code(&till.ama).await;
    till.patch(&format!("/admin/vouchers/{over}/"), json!({ "expires_at": "2026-03-01T08:00:00Z" }))
        .await
        .expect(200);
    for code in [&code, &used, &over] {
        said(
            till.post(&till.staff, &path(code), json!({ "reason": "x" })).await,
            409,
            "Voucher cannot be cancelled",
        );
    }
    for code in [&code, &used] {
        let later = json!({ "expires_at": "2027-01-01T00:00:00Z" });
        said(
            till.patch(&format!("/admin/vouchers/{code}/"), later).await,
            409,
            "Voucher cannot be changed any more",
        );
        till.patch(&format!("/admin/vouchers/{code}/"), json!({ "metadata": { "note": 1 } }))
            .await
            .expect(200);
    }
    said(till.post(&till.staff, &path("x"), json!({})).await, 404, "Voucher not found");
    let board = till.get(&till.staff, "/analytics/dashboard/").await.expect(200).json;
    assert_eq!(board["revenue"]["total"], 30, "no money moves");
    assert_eq!(
        till.get(&till.ama, "/payments/refunds/").await.expect(200).json["results"],
        Value::Array(Vec::new())
    );
}
