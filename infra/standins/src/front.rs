//! The one port: finds out who asks which service for what.

use std::net::TcpListener;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::serve::ListenerExt;
use http_body_util::{BodyExt, Limited};

use crate::answer::{Refusal, json, respond};
use crate::dynamo::Table;
use crate::ses::Mailbox;
use crate::sqs::Queues;
use crate::ssm::Parameters;
use crate::{Error, Policies};

/// The services behind the port.
pub(crate) struct Front {
    pub(crate) table: Table,
    pub(crate) queues: Queues,
    pub(crate) mail: Mailbox,
    pub(crate) parameters: Parameters,
    /// The only one of them that is told by its path.
    pub(crate) stripe: Router,
    pub(crate) policies: Policies,
}

/// One request to a service, read whole.
pub(crate) struct Call<'a> {
    pub(crate) principal: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) body: Bytes,
    pub(crate) policies: &'a Policies,
}

/// Serves the services on the runtime that the caller stands in.
pub(crate) fn serve(listener: TcpListener, front: Front) -> Result<(), Error> {
    let listener = tokio::net::TcpListener::from_std(listener)?.tap_io(|stream| {
        // Best effort: without it an answer may be held back for some milliseconds.
        let _ = stream.set_nodelay(true);
    });
    let stripe = front.stripe.clone();
    let router = Router::new().fallback(answer).with_state(Arc::new(front)).nest_service("/stripe", stripe);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(())
}

async fn answer(State(front): State<Arc<Front>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LARGEST_BODY).collect().await else {
        return respond(StatusCode::PAYLOAD_TOO_LARGE, "text/plain", String::new());
    };
    let target = text(&head.headers, "x-amz-target");
    let (service, operation) = target.split_once('.').unwrap_or_default();
    let principal = principal(&head.headers);
    let call = Call { principal, operation, body: body.to_bytes(), policies: &front.policies };
    match service {
        "DynamoDB_20120810" => front.table.answer(&head, call).await,
        "AmazonSQS" => front.queues.answer(call).await,
        "AmazonSSM" => front.parameters.answer(&call),
        "" if text(&head.headers, "content-type").starts_with("application/x-www-form-urlencoded") => {
            front.mail.answer(&call)
        }
        _ => {
            let unknown =
                Refusal::new("UnknownOperationException", format!("No service here answers {target:?}."));
            json("application/x-amz-json-1.0", "com.amazon.coral.service#", Err(unknown))
        }
    }
}

/// As much as the table takes, which takes the most.
const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// The access key id of the signature; functions are given their own name as theirs.
fn principal(headers: &HeaderMap) -> &str {
    text(headers, "authorization")
        .split_once("Credential=")
        .and_then(|(_, rest)| rest.split_once('/'))
        .map_or("", |(principal, _)| principal)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
