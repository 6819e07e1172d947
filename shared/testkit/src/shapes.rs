//! Bodies that are like others.

use serde_json::Value;

/// This body with some of it changed.
pub fn with(body: &Value, changes: &Value) -> Value {
    let mut all = body.as_object().expect("a body is an object").clone();
    all.extend(changes.as_object().expect("changes are members of it").clone());
    Value::Object(all)
}

/// This body without some of it.
pub fn without(body: &Value, names: &[&str]) -> Value {
    let mut all = body.as_object().expect("a body is an object").clone();
    all.retain(|name, _| !names.contains(&name.as_str()));
    Value::Object(all)
}

/// Insists that a body says all of this, whatever it says besides.
#[track_caller]
pub fn assert_says(body: &Value, all: &Value) {
    let expected = all.as_object().expect("what is said is an object");
    let said = expected.keys().map(|name| (name.clone(), body[name.as_str()].clone())).collect();
    assert_eq!(Value::Object(said), *all, "as {body} has it");
}

/// Insists that a page says so much of each of these, in this order, and lists no more.
#[track_caller]
pub fn assert_lists(page: &Value, rows: impl IntoIterator<Item = Value>) {
    let (listed, rows) = (page["results"].as_array(), rows.into_iter().collect::<Vec<_>>());
    let listed = listed.unwrap_or_else(|| panic!("no page: {page}"));
    assert_eq!(
        (page["count"].as_u64(), listed.len()),
        (u64::try_from(rows.len()).ok(), rows.len()),
        "{page}"
    );
    for (listed, row) in listed.iter().zip(&rows) {
        assert_says(listed, row);
    }
}
