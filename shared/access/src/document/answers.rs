//! What an operation may answer, whatever it is about.

use http::StatusCode;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Content, Ref, RefOr, Required, Response, ResponseBuilder, Schema};

use super::Schemas;

/// Says of a body whether it may be absent, as one may of which nothing has to be sent, and what becomes of a bad one.
pub(super) fn of_body(operation: &mut Operation, schemas: &Schemas) {
    let Some(RefOr::T(body)) = &mut operation.request_body else { return };
    let demands = |content: &RefOr<Content>| match content {
        RefOr::T(content) => content.schema.as_ref().is_none_or(|schema| demands(schema, schemas)),
        RefOr::Ref(_) => true,
    };
    let required = body.content.values().any(demands);
    body.required = Some(if required { Required::True } else { Required::False });
    also_answers(operation, "400", "The body is no JSON object.");
    also_answers(operation, "413", "The body is too large.");
    also_answers(operation, "415", "The body is of another media type.");
}

/// Whether an object of this schema has to have something in it.
fn demands(schema: &RefOr<Schema>, schemas: &Schemas) -> bool {
    match schema {
        RefOr::T(Schema::Object(object)) => !object.required.is_empty(),
        RefOr::T(_) => true,
        RefOr::Ref(reference) => {
            let name = reference.ref_location.rsplit('/').next().unwrap_or_default();
            schemas.get(name).is_none_or(|schema| demands(schema, schemas))
        }
    }
}

/// Says of an operation that has an effect that a client may ask for it twice and have it once.
pub(super) fn of_key(operation: &mut Operation) {
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255));
    let key = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Printable characters of the client's choice. For 24 hours the same request with the same key is answered \
             as it was at first, and does nothing.",
        ))
        .schema(Some(text.pattern(Some("^[ -~]+$"))));
    operation.parameters.get_or_insert_default().push(key.build().into());
    for (_, response) in answers(operation).filter(|(status, _)| status.is_success()) {
        let replayed = header(Type::Boolean, "True if this is what was answered at first.");
        response.headers.insert("Idempotent-Replayed".to_owned(), replayed.into());
    }
    also_answers(operation, "400", "The key is too long, or not printable.");
    also_answers(operation, "409", "The same request is still at work.");
    also_answers(operation, "422", "The key came with another request before.");
}

/// Says of every answer what it is, since readers of the document insist on it: without words of its own, its status
/// speaks. A refusal looks like `refusal`.
pub(super) fn describe(operation: &mut Operation, refusal: &str) {
    for (status, response) in answers(operation) {
        if response.description.is_empty() {
            response.description = format!("{}.", status.canonical_reason().unwrap_or_default());
        }
        if status.as_u16() >= 400 && response.content.is_empty() {
            let content = Content::new(Some(RefOr::Ref(Ref::from_schema_name(refusal))));
            response.content.insert("application/json".to_owned(), content.into());
        }
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            let later = header(Type::Integer, "After how many seconds to ask again.");
            response.headers.insert("Retry-After".to_owned(), later.into());
        }
    }
}

/// Says of an operation what else it may answer, unless it says so itself.
pub(crate) fn also_answers(operation: &mut Operation, status: &str, description: &str) {
    let response = || ResponseBuilder::new().description(description).into();
    operation.responses.responses.entry(status.to_owned()).or_insert_with(response);
}

fn header(of: Type, about: &str) -> Header {
    HeaderBuilder::new().schema(Some(ObjectBuilder::new().schema_type(of))).description(Some(about)).build()
}

/// The answers of an operation that stand with it, by their status.
fn answers(operation: &mut Operation) -> impl Iterator<Item = (StatusCode, &mut Response)> {
    let all = operation.responses.responses.iter_mut();
    all.filter_map(|(status, response)| match response {
        RefOr::T(response) => Some((status.parse().ok()?, response)),
        RefOr::Ref(_) => None,
    })
}
