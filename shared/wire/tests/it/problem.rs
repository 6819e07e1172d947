use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use wire::{Fault, FieldErrors, Messages, Problem, reshape};

async fn body(response: Response) -> Value {
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[tokio::test]
async fn every_refusal_has_drfs_words() {
    let token = json!({
        "detail": "Given token not valid for any token type",
        "code": "token_not_valid",
        "messages": [{"token_class": "AccessToken", "token_type": "access", "message": "Token is invalid or expired"}],
    });
    for (problem, status, expected) in [
        (Problem::unauthenticated(), 401, json!({"detail": "Authentication credentials were not provided."})),
        (Problem::bad_token(), 401, token),
        (
            Problem::dead_token(),
            401,
            json!({"detail": "Token is invalid or expired", "code": "token_not_valid"}),
        ),
        (Problem::inactive_user(), 401, json!({"detail": "User is inactive", "code": "user_inactive"})),
        (Problem::forbidden(), 403, json!({"detail": "You do not have permission to perform this action."})),
        (Problem::not_found(), 404, json!({"detail": "Not found."})),
        (Problem::invalid_page(), 404, json!({"detail": "Invalid page."})),
        (Problem::invalid_cursor(), 404, json!({"detail": "Invalid cursor"})),
        (
            Problem::method_not_allowed(&Method::PATCH),
            405,
            json!({"detail": "Method \"PATCH\" not allowed."}),
        ),
        (Problem::conflict("Still running."), 409, json!({"detail": "Still running."})),
        (Problem::too_large(), 413, json!({"detail": "Request body is too large."})),
        (
            Problem::unsupported_media_type("text/plain"),
            415,
            json!({"detail": "Unsupported media type \"text/plain\" in request."}),
        ),
        (Problem::unprocessable("Other body."), 422, json!({"detail": "Other body."})),
        (
            Problem::throttled(12),
            429,
            json!({"detail": "Request was throttled. Expected available in 12 seconds."}),
        ),
        (
            Problem::throttled(1),
            429,
            json!({"detail": "Request was throttled. Expected available in 1 second."}),
        ),
        (Problem::field("email", "Taken."), 400, json!({"email": ["Taken."]})),
        (Problem::non_field("No."), 400, json!({"non_field_errors": ["No."]})),
        (Fault::bug("secret").into(), 500, json!({"detail": "A server error occurred."})),
        (Fault::busy("secret").into(), 503, json!({"detail": "The service is busy. Try again."})),
    ] {
        let response = problem.into_response();
        assert_eq!(response.status().as_u16(), status, "{expected}");
        assert_eq!(response.headers()["content-type"], "application/json");
        let challenge =
            response.headers().get("www-authenticate").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(challenge.as_deref(), (status == 401).then_some(r#"Bearer realm="api""#), "{expected}");
        assert_eq!(body(response).await, expected);
    }
}

#[test]
fn waiting_times_are_headers() {
    assert_eq!(Problem::throttled(12).into_response().headers()["retry-after"], "12");
    assert_eq!(Problem::from(Fault::busy("x")).into_response().headers()["retry-after"], "1");
    assert!(!Problem::from(Fault::bug("x")).into_response().headers().contains_key("retry-after"));
}

#[test]
fn fields_keep_their_order_and_nest() {
    let inner = FieldErrors::new().and("quantity", "A valid integer is required.");
    let mut errors = FieldErrors::new().and("zeta", "One.").and("alpha", "Two.").and("zeta", "Three.");
    errors.add("items", Messages::Each(vec![FieldErrors::new(), inner.clone()]));
    errors.add("profile", inner.clone());
    errors.extend(
        FieldErrors::new().and("profile", FieldErrors::new().and("unit", "Four.")).and("alpha", "Five."),
    );
    assert_eq!(errors.get("alpha"), Some(&Messages::Texts(vec!["Two.".to_owned(), "Five.".to_owned()])));
    let problem = Problem::fields(errors);
    assert_eq!(
        Value::Object(problem.members().clone()).to_string(),
        json!({
            "zeta": ["One.", "Three."],
            "alpha": ["Two.", "Five."],
            "items": [{}, {"quantity": ["A valid integer is required."]}],
            "profile": {"quantity": ["A valid integer is required."], "unit": ["Four."]},
        })
        .to_string()
    );
}

#[tokio::test]
async fn a_sentence_stands_under_every_name_that_clients_know() {
    let problem = Problem::said(StatusCode::PAYMENT_REQUIRED, "Card declined.");
    assert_eq!(problem.line(), "Card declined.");
    let response = problem.into_response();
    assert_eq!(response.status(), StatusCode::PAYMENT_REQUIRED);
    let expected =
        json!({"error": "Card declined.", "detail": "Card declined.", "message": "Card declined."});
    assert_eq!(body(response).await, expected);
}

#[test]
fn a_problem_has_one_line_for_a_person() {
    let own = json!({"error": "Your account is blocked"}).as_object().unwrap().clone();
    let deep = Messages::Each(vec![FieldErrors::new(), FieldErrors::new().and("name", "Too long.")]);
    for (problem, line) in [
        (Problem::not_found(), "Not found."),
        (Problem::field("email", "Enter a valid email address."), "email: Enter a valid email address."),
        (Problem::non_field("Cart is empty"), "Cart is empty"),
        (Problem::field("items", deep), "items: Too long."),
        (Problem::body(StatusCode::FORBIDDEN, own), "Your account is blocked"),
        (Problem::fields(FieldErrors::new()), "Bad Request"),
    ] {
        assert_eq!(problem.line(), line);
    }
    assert_eq!(Problem::field("detail", "A field of that name.").detail_text(), None);
    assert_eq!(Problem::forbidden().to_string(), "403 You do not have permission to perform this action.");
}

#[test]
fn a_fault_tells_the_log_and_nobody_else() {
    let source = std::io::Error::other("key CREDENTIAL#7 is locked");
    let fault = Fault::busy(source);
    assert!(fault.is_busy() && !Fault::bug("x").is_busy());
    let debug = format!("{fault:?}");
    assert!(debug.starts_with("busy at ") && debug.ends_with(": key CREDENTIAL#7 is locked"), "{debug}");
    assert!(fault.noticed().file().ends_with("problem.rs"));
    let problem = Problem::from(fault);
    assert!(!Value::Object(problem.members().clone()).to_string().contains("CREDENTIAL"));
    let response = problem.into_response();
    let logged = response.extensions().get::<Problem>().and_then(Problem::fault).unwrap();
    assert_eq!(logged.to_string(), "key CREDENTIAL#7 is locked");
}

#[tokio::test]
async fn an_envelope_replaces_the_body_and_keeps_the_rest() {
    let envelope = |problem: &Problem| {
        let details = problem.members().clone();
        json!({"success": false, "message": problem.line(), "error": {"details": details, "status_code": problem.status().as_u16()}})
    };
    let response = reshape(Problem::unauthenticated().into_response(), envelope);
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert!(response.headers().contains_key("www-authenticate"));
    assert!(response.extensions().get::<Problem>().is_some());
    let text = "Authentication credentials were not provided.";
    let expected = json!({"success": false, "message": text, "error": {"details": {"detail": text}, "status_code": 401}});
    assert_eq!(body(response).await, expected);
    let untouched = reshape(axum::Json(json!({"id": 1})).into_response(), envelope);
    assert_eq!(body(untouched).await, json!({"id": 1}));
}
