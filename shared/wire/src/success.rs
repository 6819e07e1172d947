//! Answers that say `success`, for clients that look there before they look at the status.

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::schema::string;
use crate::{Page, Problem};

/// What was asked for: `{"success": true, "message": ..., "data": ...}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "clients look for `success`")]
pub struct Success<T> {
    /// Always true.
    success: bool,
    /// What was done, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    message: Option<&'static str>,
    /// What came of it.
    data: T,
}

impl<T> Success<T> {
    /// The answer to a question.
    pub fn of(data: T) -> Self {
        Self { success: true, message: None, data }
    }

    /// The answer to a wish, with a sentence about it.
    pub fn said(message: &'static str, data: T) -> Self {
        Self { success: true, message: Some(message), data }
    }
}

/// A wish that was done and left nothing to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Done {
    /// Always true.
    success: bool,
    /// What was done, in a sentence.
    message: &'static str,
}

impl Done {
    /// It is done.
    pub fn said(message: &'static str) -> Self {
        Self { success: true, message }
    }
}

/// One page of a list, with its entries under both names that clients know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SuccessPage<T> {
    /// Always true.
    success: bool,
    #[serde(flatten)]
    page: Page<T>,
    /// The same entries.
    data: Vec<T>,
}

impl<T: Clone> From<Page<T>> for SuccessPage<T> {
    fn from(page: Page<T>) -> Self {
        Self { success: true, data: page.results.clone(), page }
    }
}

/// A problem as such clients read it: DRF's own members, and beside them one line and all of it once more.
pub fn unsuccessful(problem: &Problem) -> Value {
    let details = problem.members();
    let line = problem.line();
    let mut body = Map::new();
    body.insert("success".to_owned(), json!(false));
    body.insert("message".to_owned(), json!(problem.title().unwrap_or(&line)));
    if problem.title().is_some() {
        body.insert("errors".to_owned(), json!(details));
    }
    let status = problem.status().as_u16();
    body.insert("error".to_owned(), json!({ "message": line, "details": details, "status_code": status }));
    for (name, value) in details {
        body.entry(name).or_insert_with(|| value.clone());
    }
    Value::Object(body)
}

/// What [`unsuccessful`] makes of a problem, for documents.
pub struct Unsuccessful;

impl PartialSchema for Unsuccessful {
    fn schema() -> RefOr<Schema> {
        let object = ObjectBuilder::new;
        let said = |about| string().description(Some(about));
        let details =
            object().description(Some("What is wrong with each field, by its name; or a `detail`."));
        let details = details.additional_properties(Some(AdditionalProperties::FreeForm(true))).build();
        let status = object().schema_type(Type::Integer).description(Some("The status of the answer."));
        let error = object()
            .property("message", said("What is wrong, in one line."))
            .property("details", details.clone())
            .property("status_code", status);
        let error = ["message", "details", "status_code"].into_iter().fold(error, ObjectBuilder::required);
        let whole = object()
            .description(Some("Why it was not done. What `details` has stands beside them as well."))
            .property("success", object().schema_type(Type::Boolean).description(Some("Always false.")))
            .property("message", said("What is wrong, in one line."))
            .property("errors", details)
            .property("error", error)
            .additional_properties(Some(AdditionalProperties::FreeForm(true)));
        ["success", "message", "error"].into_iter().fold(whole, ObjectBuilder::required).into()
    }
}

impl ToSchema for Unsuccessful {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_told_in_one_line_and_in_full() {
        let problem = Problem::field("email", "Enter a valid email address.");
        let line = "email: Enter a valid email address.";
        let details = json!({ "email": ["Enter a valid email address."] });
        assert_eq!(
            unsuccessful(&problem),
            json!({
                "success": false, "message": line,
                "error": { "message": line, "details": details, "status_code": 400 },
                "email": ["Enter a valid email address."],
            })
        );
        assert_eq!(
            unsuccessful(&problem.titled("Failed to update profile")),
            json!({
                "success": false, "message": "Failed to update profile", "errors": details,
                "error": { "message": line, "details": details, "status_code": 400 },
                "email": ["Enter a valid email address."],
            })
        );
    }

    #[test]
    fn a_detail_is_its_own_line() {
        assert_eq!(
            unsuccessful(&Problem::not_found()),
            json!({
                "success": false, "message": "Not found.",
                "error": { "message": "Not found.", "details": { "detail": "Not found." }, "status_code": 404 },
                "detail": "Not found.",
            })
        );
    }

    #[test]
    fn a_page_has_its_entries_twice() {
        let page = Page { count: 1, count_is_exact: true, next: None, previous: None, results: vec![7] };
        assert_eq!(
            serde_json::to_value(SuccessPage::from(page)).unwrap(),
            json!({ "success": true, "count": 1, "next": null, "previous": null, "results": [7], "data": [7] })
        );
        assert_eq!(serde_json::to_value(Success::of(7)).unwrap(), json!({ "success": true, "data": 7 }));
    }
}
