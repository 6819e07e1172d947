use std::collections::BTreeSet;

use docs::{DOCUMENTS, Document, Form, whole};
use serde_json::{Value, json};

const LOYALTY: Document = Document {
    context: "loyalty",
    mount: "/api/loyalty",
    title: "Mercato loyalty",
    json: r##"{
        "openapi": "3.1.0",
        "security": [{"bearer": []}],
        "tags": [{"name": "members", "description": "Who collects points."}],
        "paths": {
            "/api/loyalty/members/": {
                "parameters": [],
                "get": {
                    "tags": ["members"],
                    "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/MemberPage"}}}}}
                },
                "post": {"tags": ["members"], "security": [], "responses": {"400": {"$ref": "#/components/responses/Wrong"}}}
            },
            "/api/loyalty/points/": {"get": {"responses": {}}}
        },
        "components": {
            "schemas": {
                "Member": {"type": "object", "properties": {"points": {"type": "integer"}}},
                "MemberPage": {"type": "array", "items": {"$ref": "#/components/schemas/Member"}},
                "Money": {"type": "string"},
                "Pet": {"discriminator": {"propertyName": "kind", "mapping": {"member": "#/components/schemas/Member"}}}
            },
            "responses": {"Wrong": {"description": "Wrong."}},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}
        }
    }"##,
    form: Form::Json,
    health: None,
};

const PREPAID: Document = Document {
    context: "prepaid",
    mount: "/api/prepaid",
    title: "Mercato prepaid",
    json: r##"{
        "openapi": "3.1.0",
        "paths": {
            "/api/prepaid/members/": {
                "get": {
                    "tags": ["members"],
                    "security": [{"bearer": []}],
                    "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/MemberPage/items"}}}}}
                }
            },
            "/api/prepaid/cards/": {"get": {"tags": ["prepaid"], "responses": {}}}
        },
        "components": {
            "schemas": {
                "Member": {"type": "object", "properties": {"balance": {"type": "string"}}},
                "MemberPage": {"type": "array", "items": {"$ref": "#/components/schemas/Member"}},
                "Money": {"type": "string"},
                "PrepaidMember": {"type": "boolean"}
            },
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
        }
    }"##,
    form: Form::Json,
    health: None,
};

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn components_that_differ_take_their_contexts_name() {
    let whole = whole(&[LOYALTY, PREPAID]);
    let schemas = &whole["components"]["schemas"];
    let names: BTreeSet<&str> = keys(schemas).into_iter().collect();
    let expected = [
        "LoyaltyMember",
        "LoyaltyMemberPage",
        "Money",
        "Pet",
        "PrepaidMember",
        "PrepaidMemberPage",
        "PrepaidPrepaidMember",
    ];
    assert_eq!(names, BTreeSet::from(expected), "equal ones are one, and a taken name is left alone");
    assert_eq!(schemas["LoyaltyMember"]["properties"], json!({"points": {"type": "integer"}}));
    assert_eq!(schemas["PrepaidPrepaidMember"]["properties"], json!({"balance": {"type": "string"}}));
    assert_eq!(schemas["PrepaidMember"], json!({"type": "boolean"}));
}

#[test]
fn mentions_follow_their_components() {
    let whole = whole(&[LOYALTY, PREPAID]);
    let schemas = &whole["components"]["schemas"];
    assert_eq!(schemas["LoyaltyMemberPage"]["items"]["$ref"], "#/components/schemas/LoyaltyMember");
    assert_eq!(schemas["Pet"]["discriminator"]["mapping"]["member"], "#/components/schemas/LoyaltyMember");
    let sent = |path: &str| {
        whole["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
            .clone()
    };
    assert_eq!(sent("/api/loyalty/members/"), "#/components/schemas/LoyaltyMemberPage");
    assert_eq!(sent("/api/prepaid/members/"), "#/components/schemas/PrepaidMemberPage/items");
    assert_eq!(dangling(&whole, &whole), Vec::<String>::new());
}

#[test]
fn security_stays_what_each_document_says() {
    let whole = whole(&[LOYALTY, PREPAID]);
    assert_eq!(keys(&whole["components"]["securitySchemes"]), ["LoyaltyBearer", "PrepaidBearer"]);
    let paths = &whole["paths"];
    assert_eq!(paths["/api/loyalty/members/"]["get"]["security"], json!([{"LoyaltyBearer": []}]));
    assert_eq!(paths["/api/loyalty/members/"]["post"]["security"], json!([]), "its own rule goes first");
    assert_eq!(paths["/api/prepaid/members/"]["get"]["security"], json!([{"PrepaidBearer": []}]));
    assert_eq!(paths["/api/prepaid/cards/"]["get"].get("security"), None);
}

#[test]
fn tags_belong_to_contexts() {
    let whole = whole(&[LOYALTY, PREPAID]);
    assert_eq!(
        whole["tags"],
        json!([
            {"name": "loyalty.members", "description": "Who collects points."},
            {"name": "loyalty"},
            {"name": "prepaid.members"},
            {"name": "prepaid"},
        ])
    );
    assert_eq!(
        whole["x-tagGroups"],
        json!([
            {"name": "Mercato loyalty", "tags": ["loyalty.members", "loyalty"]},
            {"name": "Mercato prepaid", "tags": ["prepaid.members", "prepaid"]},
        ])
    );
    assert_eq!(whole["paths"]["/api/loyalty/points/"]["get"]["tags"], json!(["loyalty"]));
}

#[test]
fn the_whole_loses_nothing_and_points_nowhere() {
    let whole = whole(DOCUMENTS);
    assert_eq!(whole["info"]["title"], "Mercato");
    let documents = DOCUMENTS.iter().map(|document| serde_json::from_str::<Value>(document.json).unwrap());
    let paths: Vec<String> = documents
        .flat_map(|document| keys(&document["paths"]).into_iter().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert_eq!(keys(&whole["paths"]), paths, "each path belongs to one document");
    assert_eq!(dangling(&whole, &whole), Vec::<String>::new());
}

/// The references that lead nowhere.
fn dangling(value: &Value, root: &Value) -> Vec<String> {
    match value {
        Value::Object(entries) => entries
            .iter()
            .flat_map(|(key, entry)| match entry.as_str() {
                Some(to) if key == "$ref" && root.pointer(to.trim_start_matches('#')).is_none() => {
                    vec![to.to_owned()]
                }
                _ => dangling(entry, root),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(|item| dangling(item, root)).collect(),
        _ => Vec::new(),
    }
}
