//! Who may call an operation. Written once: it guards the route and stands in the `OpenAPI` document.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use serde_json::json;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::SecurityRequirement;
use wire::Problem;

use crate::document::also_answers;
use crate::gate::{Caller, Gate, address_of};
use crate::principal::Context;

/// Who may call an operation.
#[derive(Clone, Debug)]
pub struct Policy {
    who: Who,
    live: bool,
    exact: bool,
    owner: Option<&'static str>,
}

#[derive(Clone, Debug)]
enum Who {
    Anyone,
    SignedIn,
    Roles(Context, &'static [&'static str]),
}

impl Policy {
    /// Everybody, signed in or not.
    pub fn anyone() -> Self {
        Self { who: Who::Anyone, live: false, exact: false, owner: None }
    }

    /// The same, and each call is counted exactly, by the handler: see [`Visit::beside`](crate::Visit::beside).
    pub fn counted() -> Self {
        Self { exact: true, ..Self::anyone() }
    }

    /// Every account that may enter.
    pub fn signed_in() -> Self {
        Self { who: Who::SignedIn, ..Self::anyone() }
    }

    /// Every account, [live](Self::live), for what belongs to it; says in words what that is, and the handler's keys
    /// see to it.
    pub fn own(what: &'static str) -> Self {
        Self { owner: Some(what), ..Self::signed_in().live() }
    }

    /// Accounts with one of these roles in a context, [live](Self::live).
    pub fn roles(context: Context, roles: &'static [&'static str]) -> Self {
        Self { who: Who::Roles(context, roles), ..Self::anyone() }.live()
    }

    /// And the live record must agree: changes of role and status act at once, whatever the token says.
    ///
    /// The record is read by the handler, beside its first read: see [`Caller::beside`](crate::Caller::beside).
    pub fn live(mut self) -> Self {
        self.live = true;
        self
    }

    pub(crate) fn is_live(&self) -> bool {
        self.live
    }

    pub(crate) fn is_exact(&self) -> bool {
        self.exact
    }

    pub(crate) fn is_for_roles(&self) -> bool {
        matches!(self.who, Who::Roles(..))
    }

    pub(crate) fn is_public(&self) -> bool {
        matches!(self.who, Who::Anyone)
    }

    /// Whether these roles are among those that may call.
    pub(crate) fn admits(&self, roles: &std::collections::BTreeMap<String, String>) -> bool {
        match &self.who {
            Who::Anyone | Who::SignedIn => true,
            Who::Roles(context, admitted) => admitted.contains(&context.role(roles)),
        }
    }

    /// What the gate itself may answer.
    fn refusals(&self) -> Vec<(&'static str, &'static str)> {
        let all = [
            (!self.is_public(), "401", "Nobody is signed in, or not any more."),
            (matches!(self.who, Who::Roles(..)), "403", "The account has none of the roles."),
            (true, "429", "Too many requests."),
            (true, "503", "The service is busy: try again."),
        ];
        all.into_iter()
            .filter(|(may, ..)| *may)
            .map(|(_, status, description)| (status, description))
            .collect()
    }

    /// Says so of an operation.
    pub(crate) fn describe(&self, operation: &mut Operation) {
        let who = match &self.who {
            Who::Anyone => json!({ "public": true }),
            Who::SignedIn => json!({ "public": false }),
            Who::Roles(context, roles) => json!({ "public": false, "context": context.name, "roles": roles }),
        };
        let mut access = who;
        if self.live {
            access["live"] = json!(true);
        }
        if let Some(rule) = self.owner {
            access["owner"] = json!(rule);
        }
        let extensions = operation.extensions.take().unwrap_or_default();
        operation.extensions = Some({
            let mut all = ExtensionsBuilder::new().add("x-access", access).build();
            all.merge(extensions);
            all
        });
        if !self.is_public() {
            let either =
                ["bearer", "token"].map(|scheme| SecurityRequirement::new(scheme, Vec::<String>::new()));
            operation.security = Some(either.to_vec());
        }
        for (status, description) in self.refusals() {
            also_answers(operation, status, description);
        }
    }
}

/// Handlers that `policy` guards.
pub(crate) fn enforced<S>(policy: Policy, handlers: MethodRouter<S>) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    let policy = Arc::new(policy);
    handlers.route_layer(from_fn(move |request: Request, next: Next| guard(policy.clone(), request, next)))
}

/// Carries the matched route outwards, for the log: the layers before the router cannot see it.
pub async fn remember_route(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    remembering(route, next.run(request).await)
}

async fn guard(policy: Arc<Policy>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    remembering(route, enforce(policy, request, next).await)
}

fn remembering(route: Option<MatchedPath>, mut response: Response) -> Response {
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}

async fn enforce(policy: Arc<Policy>, mut request: Request, next: Next) -> Response {
    let gate =
        request.extensions().get::<Gate>().cloned().expect("the platform puts the gate before every route");
    let address = address_of(&request);
    match gate.admit(&policy, &mut request).await {
        Ok(settled) => {
            let caller = request.extensions().get::<Caller>().cloned();
            let mut response = next.run(request).await;
            // For the log, whose layer stands outside.
            response.extensions_mut().insert(caller);
            if settled.is_settled() {
                return response;
            }
            let replayed = response.headers().contains_key("idempotent-replayed");
            if response.status().is_success() && !replayed {
                // A live policy whose record nobody read would be a policy nobody keeps.
                let fault = wire::Fault::bug("a handler answered without settling its policy");
                return Problem::from(fault).into_response();
            }
            // Answered before it was counted, such as for a bad body. That is no way around the limit.
            match gate.count_turned_away(&policy, &address).await {
                Ok(()) => response,
                Err(problem) => problem.into_response(),
            }
        }
        Err(problem) => problem.into_response(),
    }
}
