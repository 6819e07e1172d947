//! Promotion codes, as staff keep them; what they are worth stands beside purchases.

mod edits;

use serde_json::{Value, json};
use testkit::with;
use wire::Stamp;

use crate::shapes::{OPENING, exam};
use crate::till::{Till, refused};

const DISCOUNTS: &str = "/admin/discounts/";

/// The least that a discount is made of.
fn form() -> Value {
    json!({
        "code": "spring", "discount_value": "10.00",
        "valid_from": "2026-03-01T00:00:00Z", "valid_until": "2026-04-01T00:00:00Z",
    })
}

#[tokio::test]
async fn a_discount_is_made_as_told() {
    let till = Till::open().await;
    let made = till.post(&till.staff, DISCOUNTS, form()).await.expect(201).json;
    let expected = json!({
        "id": "d_SPRING", "code": "SPRING", "description": "", "discount_type": "percentage",
        "discount_value": "10.00", "applicable_types": [], "max_uses": null, "current_uses": 0,
        "max_uses_per_user": 1, "valid_from": "2026-03-01T00:00:00.000000Z",
        "valid_until": "2026-04-01T00:00:00.000000Z", "is_active": true, "is_valid_field": true,
        "created_at": OPENING,
    });
    assert_eq!(made, expected);
    let school = till.sells("School", "school", "25.00", json!({})).await;
    let more = json!({
        "code": " Half.Off-1_x ", "description": "Two\nlines", "discount_type": "fixed", "discount_value": 2.5,
        "applicable_types": [school.parse::<u32>().unwrap(), till.exam, school], "max_uses": "3",
        "max_uses_per_user": 2, "is_active": "false", "valid_until": "2026-03-05T12:00:00+02:00",
        "current_uses": 2, "is_valid_field": true, "id": "d_1",
    });
    let made = till.post(&till.staff, DISCOUNTS, with(&form(), &more)).await.expect(201).json;
    let school = till.get(&till.staff, &format!("/vouchers/types/{school}/")).await.expect(200).json;
    let changes = json!({
        "id": "d_HALF.OFF-1_X", "code": "HALF.OFF-1_X", "description": "Two\nlines", "discount_type": "fixed",
        "discount_value": "2.50", "applicable_types": [exam(&till), school], "max_uses": 3,
        "max_uses_per_user": 2, "is_active": false, "valid_until": "2026-03-05T10:00:00.000000Z",
        "is_valid_field": false,
    });
    let half = with(&expected, &changes);
    assert_eq!(made, half);
    assert_eq!(till.get(&till.staff, "/admin/discounts/d_HALF.OFF-1_X").await.expect(200).json, half);
    let list = till.get(&till.staff, DISCOUNTS).await.expect(200).json;
    assert_eq!(list["count"], 2);
    assert!(
        list["results"].as_array().unwrap().contains(&expected) && list["results"][1] != list["results"][0]
    );
    for id in ["SPRING", "d_spring", "d_", "d_NONE", "x", "d_%00"] {
        let missing = till.get(&till.staff, &format!("{DISCOUNTS}{id}/")).await.expect(404);
        assert_eq!(missing.json, json!({ "detail": "Not found." }), "{id}");
    }
}

/// Every fault of a single field, by what is sent for it.
fn faults() -> Vec<(&'static str, Value, Value)> {
    let told = |name, value, text: &str| (name, value, json!([text]));
    let code =
        "Enter a valid code. This value may contain only letters, digits, dots, dashes and underscores.";
    let date = "Datetime has wrong format. Use one of these formats instead: \
                YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].";
    let missing = |id: &str| format!("Invalid pk \"{id}\" - object does not exist.");
    let mut faults = vec![
        told("code", json!("x".repeat(51)), "Ensure this field has no more than 50 characters."),
        told("code", json!("10 %"), code),
        told("code", json!("é"), code),
        told("code", json!(""), "This field may not be blank."),
        told("description", json!("x".repeat(2001)), "Ensure this field has no more than 2000 characters."),
        told("discount_type", json!("half"), "\"half\" is not a valid choice."),
        told("discount_value", json!(0), "Ensure this value is greater than or equal to 0.01."),
        told("discount_value", json!("100.01"), "Ensure this value is less than or equal to 100."),
        told("discount_value", json!("1.001"), "Ensure that there are no more than 2 decimal places."),
        told("discount_value", json!("x"), "A valid number is required."),
        told("applicable_types", json!("1"), "Expected a list of items but got type \"str\"."),
        ("applicable_types", json!(["77", "x"]), json!([missing("77"), missing("x")])),
        told("valid_until", json!("2026-03-01T00:00:00Z"), "valid_until must be after valid_from."),
        told("valid_until", json!("2026-02-01"), "valid_until must be after valid_from."),
        told("valid_from", json!("soon"), date),
        told("valid_until", json!("2026-02-30T00:00:00Z"), date),
        told("is_active", json!("perhaps"), "Must be a valid boolean."),
    ];
    for name in ["max_uses", "max_uses_per_user"] {
        faults.push(told(name, json!(0), "Ensure this value is greater than or equal to 1."));
        faults.push(told(name, json!("x"), "A valid integer is required."));
    }
    for name in ["code", "discount_type", "discount_value", "valid_from", "valid_until", "applicable_types"] {
        faults.push(told(name, Value::Null, "This field may not be null."));
    }
    faults
}

#[tokio::test]
async fn every_field_has_its_limits() {
    let till = Till::open().await;
    let id = till.discount("SPRING", json!({})).await;
    let path = format!("{DISCOUNTS}{id}/");
    let before = till.world.shelf().await.only("discount");
    for (name, value, told) in faults() {
        let body = with(&form(), &json!({ name: value }));
        let expected = json!({ name: told });
        refused(till.post(&till.staff, DISCOUNTS, body.clone()).await, expected.clone());
        refused(till.call(&till.staff, "PUT", &path).json(&body).send().await, expected.clone());
        refused(till.patch(&path, json!({ name: value })).await, expected);
    }
    let required = json!(["This field is required."]);
    let nothing = json!({ "code": required, "discount_value": required, "valid_from": required, "valid_until": required });
    refused(till.post(&till.staff, DISCOUNTS, json!({})).await, nothing.clone());
    refused(till.call(&till.staff, "PUT", &path).json(&json!({})).send().await, nothing);
    let many =
        json!({ "discount_value": 101, "valid_until": "2026-01-01T00:00:00Z", "applicable_types": ["9"] });
    let told = json!({
        "applicable_types": ["Invalid pk \"9\" - object does not exist."],
        "discount_value": ["Ensure this value is less than or equal to 100."],
        "valid_until": ["valid_until must be after valid_from."],
    });
    refused(till.post(&till.staff, DISCOUNTS, with(&form(), &many)).await, told);
    assert_eq!(till.world.shelf().await.only("discount"), before, "nothing was written");
    // An amount may be more than a hundred.
    let fixed = json!({ "discount_type": "fixed", "discount_value": "99999999.99", "code": "FIXED" });
    till.post(&till.staff, DISCOUNTS, with(&form(), &fixed)).await.expect(201);
}

#[tokio::test]
async fn whether_it_is_valid_is_said_of_this_moment() {
    let till = Till::open().await;
    for (code, valid, more) in [
        ("GOOD", true, json!({})),
        ("CLOSED", false, json!({ "is_active": false })),
        ("EARLY", false, json!({ "valid_from": "2026-03-01T08:30:01Z" })),
        ("SINCE", true, json!({ "valid_from": OPENING })),
        ("UNTIL", true, json!({ "valid_until": OPENING })),
        ("OVER", false, json!({ "valid_until": "2026-03-01T08:29:59Z" })),
        ("ONCE", true, json!({ "max_uses": 1 })),
    ] {
        let id = till.discount(code, more).await;
        let shown = till.get(&till.staff, &format!("{DISCOUNTS}{id}/")).await.expect(200).json;
        assert_eq!(shown["is_valid_field"], valid, "{code}");
    }
    let body = json!({ "voucher_type_id": till.exam, "quantity": 3, "discount_code": "once" });
    till.post(&till.ama, "/vouchers/purchase/", body).await.expect(201);
    let used = till.get(&till.staff, "/admin/discounts/d_ONCE/").await.expect(200).json;
    assert_eq!(
        (&used["current_uses"], &used["is_valid_field"]),
        (&json!(1), &json!(false)),
        "three at once are one use"
    );
    till.world.clock.set(Stamp::parse_from("2026-03-01T08:30:01Z").unwrap());
    for (code, valid) in [("EARLY", true), ("UNTIL", false), ("GOOD", true)] {
        let shown = till.get(&till.staff, &format!("{DISCOUNTS}d_{code}/")).await.expect(200).json;
        assert_eq!(shown["is_valid_field"], valid, "{code}");
    }
}
