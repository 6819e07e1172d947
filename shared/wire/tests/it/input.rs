use serde_json::{Map, Value, json};
use utoipa::{OpenApi, PartialSchema};
use wire::{Amount, Day, Email, FieldErrors, Input, Prose, Sent, Text, Whole, input, read_object};

use crate::fields::Tier;

input! {
    /// A member to be.
    ///
    /// Printed on a card.
    pub(crate) struct NewMember {
        /// As on the card.
        name: Text<20>,
        email: Email,
        joined: Day,
        address: Prose<30> = Prose::default(),
        tier: Tier = Tier::Bronze,
        kind as "type": Option<Text<8>> = None,
        vip: bool = false,
    }
}

input! {
    struct Line {
        title: Text<5>,
        quantity: Whole<1, 10>,
    }
}

input! {
    struct Order {
        lines: Vec<Line>,
        first: Option<Line> = None,
        total: Amount<10, 0>,
    }
}

fn map(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn faults<T: Input>(value: &Value) -> String {
    let errors = T::read(&map(value)).err().unwrap_or_default();
    Value::Object(errors.into_map()).to_string()
}

#[test]
fn a_whole_body_is_read_with_its_defaults() {
    let sent = json!({"name": " Sari ", "email": "sari@shop.test", "joined": "2026-03-01", "type": "x", "unknown": 1});
    let new = <NewMember as Input>::read(&map(&sent)).unwrap();
    assert_eq!((new.name.as_str(), new.email.as_str()), ("Sari", "sari@shop.test"));
    assert_eq!((new.tier, new.vip, new.address.as_str()), (Tier::Bronze, false, ""));
    assert_eq!((new.joined.to_string().as_str(), new.kind.as_deref()), ("2026-03-01", Some("x")));
}

#[test]
fn every_fault_is_told_at_once_in_declared_order() {
    let sent = json!({"vip": "maybe", "type": "far too long", "tier": "Gold", "address": null, "email": "x", "name": ""});
    let expected = json!({
        "name": ["This field may not be blank."],
        "email": ["Enter a valid email address."],
        "joined": ["This field is required."],
        "address": ["This field may not be null."],
        "tier": ["\"Gold\" is not a valid choice."],
        "type": ["Ensure this field has no more than 8 characters."],
        "vip": ["Must be a valid boolean."],
    });
    assert_eq!(faults::<NewMember>(&sent), expected.to_string());
    let required = json!(["This field is required."]);
    assert_eq!(
        faults::<NewMember>(&json!({})),
        json!({"name": required, "email": required, "joined": required}).to_string()
    );
}

#[test]
fn faults_in_lists_of_objects_keep_their_places() {
    let sent = json!({"lines": [{"title": "a", "quantity": 1}, {"quantity": 11}, "x"], "first": 3, "total": "1.234"});
    let expected = json!({
        "lines": [
            {},
            {"title": ["This field is required."], "quantity": ["Ensure this value is less than or equal to 10."]},
            {"non_field_errors": ["Invalid data. Expected a dictionary, but got str."]},
        ],
        "first": {"non_field_errors": ["Invalid data. Expected a dictionary, but got int."]},
        "total": ["Ensure that there are no more than 2 decimal places."],
    });
    assert_eq!(faults::<Order>(&sent), expected.to_string());
    let good = json!({"lines": [{"title": "a", "quantity": 2}], "first": null, "total": 5});
    let order: Order = read_object(&good).unwrap();
    assert_eq!((order.lines[0].title.as_str(), order.lines[0].quantity.get()), ("a", 2));
    assert_eq!((order.first.is_none(), order.total.money().minor()), (true, 500));
    let expected =
        FieldErrors::new().and("non_field_errors", "Invalid data. Expected a dictionary, but got list.");
    assert_eq!(read_object::<Order>(&json!([])).unwrap_err(), expected);
}

#[test]
fn an_edit_is_laid_over_what_is_stored() {
    let stored =
        json!({"name": "Sari", "email": "s@shop.test", "joined": "2026-03-01", "type": "old", "vip": true});
    let patched = |sent: &Value| Sent::of(map(sent)).patch::<NewMember>(stored.clone());
    let kept = patched(&json!({"name": "Rina"})).unwrap();
    assert_eq!((kept.name.as_str(), kept.kind.as_deref(), kept.vip), ("Rina", Some("old"), true));
    assert_eq!(patched(&json!({"type": null})).unwrap().kind, None);
    let refused = patched(&json!({"email": null})).unwrap_err();
    assert_eq!(refused.line(), "email: This field may not be null.");

    let replaced = |sent: &Value| Sent::of(map(sent)).put::<NewMember>(stored.clone());
    let refused = replaced(&json!({"name": "Rina", "email": "r@shop.test"})).unwrap_err();
    assert_eq!(
        refused.line(),
        "joined: This field is required.",
        "a replacement names what a body must have"
    );
    let whole = json!({"name": "Rina", "email": "r@shop.test", "joined": "2026-03-02", "type": null});
    let kept = replaced(&whole).unwrap();
    assert_eq!((kept.name.as_str(), kept.kind.as_deref(), kept.vip), ("Rina", None, true));
}

#[test]
fn an_id_is_looked_for_before_the_body_is_read() {
    let sent =
        Sent::of(map(&json!({"text": " a7 ", "number": 7, "null": null, "list": [], "long": "123456"})));
    for (name, id) in
        [("text", "a7"), ("number", "7"), ("null", ""), ("list", ""), ("long", ""), ("none", "")]
    {
        assert_eq!(sent.id::<5>(name), id, "{name}");
    }
}

#[test]
fn the_schema_follows_the_declaration() {
    let schema = serde_json::to_value(<NewMember as PartialSchema>::schema()).unwrap();
    assert_eq!(schema["type"], "object");
    assert_eq!(schema["description"], "A member to be.\n\nPrinted on a card.");
    assert_eq!(schema["required"], json!(["name", "email", "joined"]));
    assert_eq!(
        schema["properties"]["name"],
        json!({"type": "string", "description": "As on the card.", "minLength": 1, "maxLength": 20, "pattern": r"\S"})
    );
    assert_eq!(schema["properties"]["type"]["maxLength"], 8);
    assert_eq!(schema["properties"]["tier"]["enum"], json!(["Bronze", "Silver"]));
    assert_eq!(schema["properties"].as_object().unwrap().len(), 7);
}

#[utoipa::path(post, path = "/members", request_body = NewMember, responses((status = 201)))]
#[expect(dead_code, reason = "only its description is looked at")]
fn create() {}

#[derive(OpenApi)]
#[openapi(paths(create))]
struct Document;

#[test]
fn a_document_refers_to_an_input_by_name() {
    let document = serde_json::to_value(Document::openapi()).unwrap();
    let body = &document["paths"]["/members"]["post"]["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(body["$ref"], "#/components/schemas/NewMember");
    assert_eq!(document["components"]["schemas"]["NewMember"]["properties"]["email"]["format"], "email");
}
