//! The catalogue.

use serde_json::{Value, json};
use testkit::{with, without};

use crate::shapes::{OPENING, each, exam};
use crate::till::{MOUNT, Till, refused, said};

const TYPES: &str = "/vouchers/types/";

/// The least that a type is made of.
fn form() -> Value {
    json!({ "name": "School Application", "type_code": "school_application", "description": "To one school.", "price": "25.00" })
}

fn not_found() -> Value {
    json!({ "detail": "Not found." })
}

#[tokio::test]
async fn a_type_is_made_as_told_and_shown_to_everybody() {
    let till = Till::open().await;
    let made = till.post(&till.staff, TYPES, form()).await.expect(201).json;
    let id = made["id"].as_str().unwrap();
    let expected = json!({
        "id": id, "name": "School Application", "type_code": "school_application",
        "service_type": "school_application", "description": "To one school.", "price": "25.00",
        "is_active": true, "validity_days": 30, "usage_limit": 1, "max_uses": 1,
        "accepted_services": ["school_application"], "created_at": OPENING, "updated_at": OPENING,
    });
    assert_eq!(made, expected);
    let list = json!({ "count": 2, "next": null, "previous": null, "results": [exam(&till), expected] });
    let anon = till.world.get(&format!("{MOUNT}{TYPES}")).send().await.expect(200);
    assert_eq!(anon.json, list);
    assert_eq!(anon.header("cache-control"), "public, max-age=60");
    for who in [&till.ama, &till.staff] {
        assert_eq!(till.get(who, TYPES).await.expect(200).json, list);
        assert_eq!(till.get(who, &format!("{TYPES}{id}/")).await.expect(200).json, expected);
    }
    // A page that kept an old token still has a catalogue.
    for path in [TYPES.to_owned(), format!("{TYPES}{id}/")] {
        till.world.get(&format!("{MOUNT}{path}")).bearer("stale").send().await.expect(200);
    }
    let more = json!({
        "name": " Transcripts ", "service_type": "transcript_request", "description": "Any.", "price": 12.5,
        "max_uses": "4", "validity_days": 3650, "is_active": false, "accepted_services": [], "id": 77, "rev": 9,
    });
    let made = till.post(&till.staff, TYPES, more).await.expect(201).json;
    let expected = json!({
        "id": made["id"], "name": "Transcripts", "type_code": "transcript_request",
        "service_type": "transcript_request", "description": "Any.", "price": "12.50", "is_active": false,
        "validity_days": 3650, "usage_limit": 4, "max_uses": 4, "accepted_services": [],
        "created_at": OPENING, "updated_at": OPENING,
    });
    assert_eq!(made, expected);
    for id in ["0", "99", "x", "01", "-1", "d_1", "%00"] {
        assert_eq!(
            till.get(&till.staff, &format!("{TYPES}{id}/")).await.expect(404).json,
            not_found(),
            "{id}"
        );
    }
}

/// Every fault of a single field, by what is sent for it.
fn faults() -> Vec<(&'static str, Value, Value)> {
    let told = |name, value, text: &str| (name, value, json!([text]));
    let long = |n: usize| json!("x".repeat(n));
    let most = |n: usize| format!("Ensure this field has no more than {n} characters.");
    let slug =
        "Enter a valid type code. This value may contain only lowercase letters, digits and underscores.";
    let mut faults = vec![
        told("name", long(101), &most(100)),
        told("type_code", long(51), &most(50)),
        told("description", long(2001), &most(2000)),
        told("type_code", json!("School"), slug),
        told("type_code", json!("school-x"), slug),
        told("price", json!("-0.01"), "Ensure this value is greater than or equal to 0."),
        told("price", json!("1.005"), "Ensure that there are no more than 2 decimal places."),
        told("price", json!("123456789.00"), "Ensure that there are no more than 10 digits in total."),
        told(
            "price",
            json!(123_456_789),
            "Ensure that there are no more than 8 digits before the decimal point.",
        ),
        told("price", json!("ten"), "A valid number is required."),
        told("is_active", json!("perhaps"), "Must be a valid boolean."),
        told("accepted_services", json!("all"), "Expected a list of items but got type \"str\"."),
        told("accepted_services", json!(vec!["x"; 101]), "Ensure this field has no more than 100 elements."),
        ("accepted_services", json!(["ok", ""]), json!({ "1": ["This field may not be blank."] })),
        ("accepted_services", json!([long(101)]), json!({ "0": [most(100)] })),
    ];
    for (name, largest) in [("validity_days", 3650), ("usage_limit", 10_000)] {
        faults.push(told(name, json!(0), "Ensure this value is greater than or equal to 1."));
        let above = format!("Ensure this value is less than or equal to {largest}.");
        faults.push(told(name, json!(largest + 1), &above));
        faults.push(told(name, json!("many"), "A valid integer is required."));
        faults.push(told(name, json!(1.5), "A valid integer is required."));
    }
    for name in ["name", "type_code", "description"] {
        faults.push(told(name, json!(" "), "This field may not be blank."));
        faults.push(told(name, json!({}), "Not a valid string."));
    }
    for name in ["name", "type_code", "description", "price", "is_active", "validity_days", "usage_limit"] {
        faults.push(told(name, Value::Null, "This field may not be null."));
    }
    faults
}

#[tokio::test]
async fn every_field_has_its_limits() {
    let till = Till::open().await;
    let path = format!("{TYPES}{}/", till.exam);
    let before = till.world.shelf().await.only("type");
    for (name, value, told) in faults() {
        let body = with(&form(), &json!({ name: value }));
        let expected = json!({ name: told });
        refused(till.post(&till.staff, TYPES, body.clone()).await, expected.clone());
        refused(till.call(&till.staff, "PUT", &path).json(&body).send().await, expected.clone());
        refused(till.patch(&path, json!({ name: value })).await, expected);
    }
    let required = json!(["This field is required."]);
    let nothing =
        json!({ "name": required, "type_code": required, "description": required, "price": required });
    refused(till.post(&till.staff, TYPES, json!({})).await, nothing.clone());
    refused(till.call(&till.staff, "PUT", &path).json(&json!({ "max_uses": 2 })).send().await, nothing);
    let many = json!({ "name": "", "type_code": "?", "description": "x", "price": -1, "validity_days": 0 });
    let told = json!({
        "name": ["This field may not be blank."], "price": ["Ensure this value is greater than or equal to 0."],
        "type_code": [
            "Enter a valid type code. This value may contain only lowercase letters, digits and underscores."
        ],
        "validity_days": ["Ensure this value is greater than or equal to 1."],
    });
    refused(till.post(&till.staff, TYPES, many).await, told);
    assert_eq!(till.world.shelf().await.only("type"), before, "nothing was written");
}

#[tokio::test]
async fn names_and_services_are_one_types_alone() {
    let mut till = Till::open().await;
    let name = json!(["voucher type with this name already exists."]);
    let service = json!(["voucher type with this type code already exists."]);
    let other = json!({ "name": "EXAM results checking" });
    refused(till.post(&till.staff, TYPES, with(&form(), &other)).await, json!({ "name": name }));
    let other = json!({ "type_code": "result_check" });
    refused(till.post(&till.staff, TYPES, with(&form(), &other)).await, json!({ "type_code": service }));
    let both = json!({ "name": "Exam Results Checking", "type_code": "result_check" });
    let told = json!({ "name": name, "type_code": service });
    refused(till.post(&till.staff, TYPES, with(&form(), &both)).await, told.clone());
    let id = till.sells("School Application", "school_application", "25.00", json!({})).await;
    let path = format!("{TYPES}{id}/");
    refused(till.patch(&path, both).await, told);
    refused(
        till.patch(&path, json!({ "service_type": "result_check" })).await,
        json!({ "type_code": service }),
    );
    // What it has itself is no other's, and what it had is free again.
    till.patch(&path, json!({ "name": "SCHOOL application" })).await.expect(200);
    till.patch(&format!("{TYPES}{}/", till.exam), json!({ "name": "Exams", "type_code": "exams" }))
        .await
        .expect(200);
    till.exam = till.sells("Exam Results Checking", "result_check", "10.00", json!({})).await;
}

#[tokio::test]
async fn an_edit_changes_what_was_sent_and_a_replacement_what_is_required() {
    let till = Till::open().await;
    let path = format!("{TYPES}{}/", till.exam);
    till.world.clock.set(wire::Stamp::parse_from("2026-03-01T09:00:00Z").unwrap());
    let later = json!({ "updated_at": "2026-03-01T09:00:00.000000Z" });
    let same = till.patch(&path, json!({ "price": 10, "created_at": "x", "unheard": 1 })).await.expect(200);
    assert_eq!(same.json, exam(&till), "what changes nothing does not even touch the time");
    let edited = till.patch(&path, json!({ "max_uses": 5, "price": "12.00" })).await.expect(200);
    let changes = with(&later, &json!({ "usage_limit": 5, "max_uses": 5, "price": "12.00" }));
    let expected = with(&exam(&till), &changes);
    assert_eq!(edited.json, expected);
    let replaced = till.call(&till.staff, "PUT", &path).json(&form()).send().await.expect(200);
    let expected = with(&with(&expected, &form()), &json!({ "service_type": "school_application" }));
    assert_eq!(replaced.json, expected, "what need not be sent stays as it is");
    assert_eq!(till.get(&till.staff, &path).await.expect(200).json, expected);
    for (method, body) in [("PATCH", json!({ "name": "" })), ("PUT", json!({})), ("DELETE", json!({}))] {
        let answer = till.call(&till.staff, method, "/vouchers/types/99/").json(&body).send().await;
        assert_eq!(answer.expect(404).json, not_found(), "{method}");
    }
}

#[tokio::test]
async fn what_is_not_sold_is_for_staff_alone_and_what_was_sold_goes_on() {
    let till = Till::open().await;
    let school = till.sells("School Application", "school_application", "25.00", json!({})).await;
    let code = till.code(&till.ama).await;
    let path = format!("{TYPES}{}/", till.exam);
    for _ in 0..2 {
        let gone = till.call(&till.staff, "DELETE", &path).send().await.expect(204);
        assert_eq!(gone.text, "");
    }
    let retired = with(&exam(&till), &json!({ "is_active": false }));
    assert_eq!(till.get(&till.staff, &path).await.expect(200).json, retired);
    assert_eq!(till.get(&till.ama, &path).await.expect(404).json, not_found());
    assert_eq!(till.world.get(&format!("{MOUNT}{path}")).send().await.expect(404).json, not_found());
    let ids = async |who, query| each(&till.get(who, &format!("{TYPES}?{query}")).await.expect(200), "id");
    for query in ["", "is_active=true"] {
        assert_eq!(ids(&till.staff, query).await, vec![school.clone()], "{query}");
    }
    assert_eq!(ids(&till.staff, "is_active=false").await, vec![till.exam.clone()]);
    assert_eq!(ids(&till.staff, "is_active=all").await, [till.exam.clone(), school.clone()]);
    for query in ["is_active=false", "is_active=all", "is_active=x"] {
        assert_eq!(ids(&till.ama, query).await, vec![school.clone()], "{query} is nothing to a customer");
    }
    let choice = json!(["Select a valid choice. x is not one of the available choices."]);
    refused(till.get(&till.staff, "/vouchers/types/?is_active=x").await, json!({ "is_active": choice }));

    let order = json!({ "voucher_type_id": till.exam });
    let told = json!({ "voucher_type_id": ["Invalid or inactive voucher type."] });
    refused(till.post(&till.ama, "/vouchers/purchase/", order.clone()).await, told);
    let intent = till.post(&till.ama, "/payments/create-payment-intent/", order.clone()).await;
    assert_eq!(intent.expect(404).json, not_found());
    let used = till.redeems(&till.kofi, &code).await.expect(200);
    assert_eq!(used.json["voucher"]["voucher_type"], exam(&till), "it was sold while it was sold");
    till.patch(&path, json!({ "is_active": true })).await.expect(200);
    till.post(&till.ama, "/vouchers/purchase/", order).await.expect(201);
}

#[tokio::test]
async fn what_was_sold_keeps_its_terms_whatever_becomes_of_the_type() {
    let till = Till::open().await;
    let bought = till.buys(&till.ama, 1).await.json;
    let (code, id) =
        (bought["vouchers"][0]["code"].as_str().unwrap(), bought["payment"]["id"].as_str().unwrap());
    let pending = till.intent(&till.ama, 2).await;
    let changes = json!({
        "name": "Other", "type_code": "other", "price": "99.00", "usage_limit": 1, "validity_days": 1,
        "description": "Less.", "accepted_services": ["other"],
    });
    till.patch(&format!("{TYPES}{}/", till.exam), changes).await.expect(200);
    let shown = till.get(&till.ama, &format!("/vouchers/detail/{code}/")).await.expect(200).json;
    assert_eq!(shown, bought["vouchers"][0]);
    assert_eq!(without(&till.payment(&till.ama, id).await, &["vouchers", "refund"]), bought["payment"]);
    for left in [2, 1, 0] {
        let used = till.redeems(&till.ama, code).await.expect(200).json;
        assert_eq!(used["voucher"]["uses_remaining"], left);
        assert_eq!(used["usage"]["voucher_type_name"], "Exam Results Checking");
    }
    // What was ordered at a price is paid and delivered at that.
    till.bank().pay(&pending.1, "pm_card_visa").unwrap();
    let confirmed = till.confirms(&till.ama, &pending.1).await.expect(200).json;
    assert_eq!(
        (&confirmed["payment"]["unit_price"], &confirmed["payment"]["amount"]),
        (&json!("10.00"), &json!("20.00"))
    );
    assert_eq!(
        (&confirmed["vouchers"][1]["total_uses"], &confirmed["vouchers"][1]["voucher_type"]),
        (&json!(3), &exam(&till))
    );
    // And what is ordered from now on is not.
    let dear = till.buys(&till.kofi, 1).await.json;
    assert_eq!((&dear["total_paid"], &dear["vouchers"][0]["total_uses"]), (&json!(99), &json!(1)));
    assert_eq!(dear["vouchers"][0]["expires_at"], "2026-03-02T08:30:00.000000Z");
    let code = dear["vouchers"][0]["code"].as_str().unwrap();
    refused(
        till.redeems(&till.kofi, code).await,
        json!({ "service_type": ["This voucher is not valid for this service."] }),
    );
    said(till.get(&till.ama, &format!("/vouchers/detail/{code}/")).await, 404, "Voucher not found");
}
