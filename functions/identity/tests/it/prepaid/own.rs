use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use testkit::World;

use super::{as_user, user};
use crate::PASSWORD;

const PATHS: [&str; 3] = ["/auth/profile/", "/users/profile/", "/users/profile/update/"];

#[tokio::test]
async fn what_is_told_of_oneself_changes_field_by_field() {
    let world = World::new().await;
    let ama = user(&world, "ama").await;
    world.clock.advance(Duration::from_mins(5));
    let mut expected = ama.view.clone();
    expected["updated_at"] = json!("2026-03-01T08:35:00.000000Z");
    let fields = [
        ("first_name", json!("Akua")),
        ("last_name", json!("Mensah")),
        ("phone_number", json!("+233 20 123 4567")),
        ("address", json!("1 Ring Road, Accra")),
        ("date_of_birth", json!("2001-02-28")),
        ("profile_picture", json!("https://example.org/ama.png")),
        ("student_id", json!("S-17")),
        ("institution", json!("University of Ghana")),
        ("graduation_year", json!(2027)),
    ];
    for (n, (field, value)) in fields.iter().enumerate() {
        let (method, path) = (["PATCH", "PUT"][n % 2], PATHS[n % 3]);
        expected[*field] = value.clone();
        expected["full_name"] = json!(format!(
            "{} {}",
            expected["first_name"].as_str().unwrap(),
            expected["last_name"].as_str().unwrap()
        ));
        let answer = as_user(&world, &ama, method, path, &json!({ *field: value })).await.expect(200);
        assert_eq!(answer.json, expected, "{method} {path} {field}");
    }
    for path in PATHS {
        assert_eq!(
            as_user(&world, &ama, "GET", path, &json!(null)).await.expect(200).json,
            expected,
            "{path}"
        );
    }
    for field in [
        "phone_number",
        "address",
        "date_of_birth",
        "profile_picture",
        "student_id",
        "institution",
        "graduation_year",
    ] {
        let answer = as_user(&world, &ama, "PATCH", PATHS[0], &json!({ field: null })).await.expect(200);
        assert_eq!(answer.json[field], Value::Null, "{field}");
    }
}

#[tokio::test]
async fn what_is_not_the_owners_to_set_is_not_read() {
    let world = World::new().await;
    let ama = user(&world, "ama").await;
    let sent = json!({
        "id": "7", "email": "new@example.org", "username": "queen", "full_name": "Queen", "is_staff": true,
        "is_superuser": true, "is_active": false, "is_verified": true, "date_joined": "2000-01-01T00:00:00Z",
        "password": "another-17", "unknown": 1,
    });
    let answer = as_user(&world, &ama, "PUT", "/users/profile/", &sent).await.expect(200);
    assert_eq!(answer.json, ama.view);
}

#[tokio::test]
async fn the_part_called_profile_is_found_inside_and_alone() {
    let world = World::new().await;
    let ama = user(&world, "ama").await;
    // A number that has to be read exactly, or the profile is never again what was stored, and stays as it is for ever.
    let far = 1.326_591_032_480_473_7e154;
    let told = json!({
        "bio": "Reads.", "location": "Accra", "website": "https://ama.example.org/",
        "notification_preferences": { "expiry_email": false, "theme": { "far": far, "none": null } },
        "privacy_settings": { "show": ["name", 0.5] },
    });
    let answer = as_user(&world, &ama, "PATCH", "/users/profile/update/", &json!({ "profile": told })).await;
    assert_eq!(answer.expect(200).json["profile"], told);
    let extended = "/users/profile/extended/";
    assert_eq!(as_user(&world, &ama, "GET", extended, &json!(null)).await.expect(200).json, told);
    for method in ["PUT", "PATCH"] {
        let sent = json!({ "bio": method, "website": "" });
        let answer = as_user(&world, &ama, method, extended, &sent).await.expect(200);
        let mut expected = told.clone();
        (expected["bio"], expected["website"]) = (json!(method), json!(""));
        assert_eq!(answer.json, expected);
    }
    let preferences = json!({ "notification_preferences": { "purchase_email": false } });
    as_user(&world, &ama, "PATCH", extended, &preferences).await.expect(200);
    let contact = access::contact(&world.table, ama.id().parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((contact.email.as_str(), contact.called()), ("ama@example.org", "Ama"));
    assert!(!contact.wants("purchase_email") && contact.wants("expiry_email"), "the object is another");
    assert!(access::contact(&world.table, 7).await.unwrap().is_none());
}

#[tokio::test]
async fn what_one_dialect_does_not_know_stays_when_another_edits() {
    let world = World::new().await;
    let ama = user(&world, "ama").await;
    let sent = json!({ "institution": "Legon", "graduation_year": 2027, "profile": { "location": "Accra" } });
    as_user(&world, &ama, "PATCH", "/auth/profile/", &sent).await.expect(200);
    let edit =
        world.call("PATCH", "/api/auth/profile/").json(&json!({ "bio": "Reads." })).bearer(&ama.access);
    edit.send().await.expect(200);
    let answer = as_user(&world, &ama, "GET", "/auth/profile/", &json!(null)).await.expect(200);
    for (at, expected) in [
        ("/institution", json!("Legon")),
        ("/graduation_year", json!(2027)),
        ("/profile/location", json!("Accra")),
        ("/profile/bio", json!("Reads.")),
    ] {
        assert_eq!(answer.json.pointer(at), Some(&expected), "{at}");
    }
    crate::login(&world, "ama@example.org", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn of_edits_at_once_none_is_lost() {
    let world = World::new().await;
    let ama = user(&world, "ama").await;
    let edits = [
        json!({ "first_name": "Akua" }),
        json!({ "phone_number": "+233 20 123" }),
        json!({ "institution": "Legon" }),
        json!({ "graduation_year": 2027 }),
        json!({ "profile": { "bio": "Reads." } }),
        json!({ "profile": { "location": "Accra" } }),
    ];
    let answers = edits.iter().map(|edit| as_user(&world, &ama, "PATCH", "/users/profile/update/", edit));
    for answer in join_all(answers).await {
        answer.expect(200);
    }
    let after = as_user(&world, &ama, "GET", "/users/profile/", &json!(null)).await.expect(200);
    for edit in edits {
        let mut merged = after.json.clone();
        let told = edit.as_object().unwrap();
        merged.as_object_mut().unwrap().extend(told.iter().map(|(field, value)| match field.as_str() {
            "profile" => {
                let mut profile = after.json["profile"].clone();
                profile.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
                (field.clone(), profile)
            }
            _ => (field.clone(), value.clone()),
        }));
        assert_eq!(merged, after.json, "{edit}");
    }
}

#[tokio::test]
async fn every_fault_of_an_edit_is_told_by_field() {
    let world = World::new().await;
    let ama = user(&world, "ama").await;
    let long = |most: usize| json!([format!("Ensure this field has no more than {most} characters.")]);
    let format = json!(["Date has wrong format. Use one of these formats instead: YYYY-MM-DD."]);
    let url = json!(["Enter a valid URL."]);
    let text = |length| json!("x".repeat(length));
    let cases: [(&str, Value, Value); 19] = [
        ("first_name", text(151), long(150)),
        ("last_name", text(151), long(150)),
        ("last_name", json!(null), json!(["This field may not be null."])),
        ("phone_number", text(21), long(20)),
        ("address", text(256), long(255)),
        ("student_id", text(51), long(50)),
        ("institution", text(256), long(255)),
        ("date_of_birth", json!("28.02.2001"), format.clone()),
        ("date_of_birth", json!("2001-02-29"), format),
        ("date_of_birth", json!("2026-03-02"), json!(["Date of birth cannot be in the future."])),
        ("profile_picture", json!("ftp://example.org/a.png"), url.clone()),
        ("profile_picture", json!("/a.png"), url),
        ("graduation_year", json!("soon"), json!(["A valid integer is required."])),
        ("graduation_year", json!(1899), json!(["Ensure this value is greater than or equal to 1900."])),
        ("graduation_year", json!(2101), json!(["Ensure this value is less than or equal to 2100."])),
        ("profile", json!({ "bio": "x".repeat(501) }), json!({ "bio": long(500) })),
        (
            "profile",
            json!({ "website": "javascript:alert(1)" }),
            json!({ "website": ["Enter a valid URL."] }),
        ),
        (
            "profile",
            json!({ "notification_preferences": { "expiry_email": "no" } }),
            json!({ "notification_preferences": { "expiry_email": ["Must be a valid boolean."] } }),
        ),
        (
            "profile",
            json!({ "privacy_settings": { "x": "y".repeat(4096) } }),
            json!({ "privacy_settings": ["Ensure this field has no more than 4096 bytes."] }),
        ),
    ];
    for (n, (field, value, expected)) in cases.iter().enumerate() {
        let answer =
            as_user(&world, &ama, "PATCH", PATHS[n % 3], &json!({ *field: value })).await.expect(400);
        assert_eq!(answer.json, json!({ *field: expected }), "{value:.60}");
    }
    let alone = json!({ "location": "x".repeat(101), "privacy_settings": [], "bio": null });
    let answer = as_user(&world, &ama, "PUT", "/users/profile/extended/", &alone).await.expect(400);
    assert_eq!(
        answer.json,
        json!({
            "bio": ["This field may not be null."], "location": long(100),
            "privacy_settings": ["Expected a dictionary of items but got type \"list\"."],
        })
    );
    let answer = as_user(&world, &ama, "GET", "/auth/profile/", &json!(null)).await.expect(200);
    assert_eq!(answer.json, ama.view, "nothing of it was taken");
}
