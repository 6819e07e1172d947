//! A context's routes: what requests are answered by, and what the document says of it, from the same lines.

use axum::Router;
use axum::handler::Handler;
use axum::routing::MethodRouter;
use utoipa::openapi::HttpMethod;
use utoipa::openapi::path::Operation;
use utoipa_axum::PathItemExt as _;
use utoipa_axum::router::UtoipaMethodRouter;

use crate::Policy;
use crate::policy::enforced;

/// One path and its handlers, as [`routes!`](crate::routes!) makes it.
pub struct Route<S> {
    pub(crate) path: String,
    pub(crate) handlers: MethodRouter<S>,
    /// What the handlers say of themselves. That takes longer than all else that happens at a start, so it is asked for
    /// only where a document is made.
    pub(crate) described: fn() -> UtoipaMethodRouter<S>,
    /// What else is to be said of each operation.
    pub(crate) said: Option<fn(&mut Operation)>,
    /// What goes behind the names of the operations.
    pub(crate) suffix: Option<&'static str>,
}

impl<S: Clone + Send + Sync + 'static> Route<S> {
    /// A path without handlers yet.
    pub fn new(path: String, described: fn() -> UtoipaMethodRouter<S>) -> Self {
        Self { path, handlers: MethodRouter::new(), described, said: None, suffix: None }
    }

    /// And one more handler.
    pub fn with<H: Handler<T, S>, T: 'static>(mut self, methods: &[HttpMethod], handler: &H) -> Self {
        for method in methods {
            self.handlers = self.handlers.on(method.to_method_filter(), handler.clone());
        }
        self
    }

    /// And with something else to be said of each operation, such as the parameters of a list.
    pub fn saying(self, said: fn(&mut Operation)) -> Self {
        Self { said: Some(said), ..self }
    }

    /// The same handlers at another path, for clients that know them by it: the document calls its operations by their
    /// names and `suffix`.
    pub fn also_at(self, path: &str, suffix: &'static str) -> Self {
        Self { path: path.to_owned(), suffix: Some(suffix), ..self }
    }
}

/// A path, its handlers, and how they describe themselves.
#[macro_export]
macro_rules! routes {
    ($handler:ident $(, $further:ident)* $(,)?) => {{
        use ::utoipa::Path as _;
        let route = $crate::Route::new(
            $crate::utoipa_axum::paste! { [<__path_ $handler>]::path() },
            || $crate::utoipa_axum::routes!($handler $(, $further)*),
        );
        let route = route.with(&$crate::utoipa_axum::paste! { [<__path_ $handler>]::methods() }, &$handler);
        $( let route = route.with(&$crate::utoipa_axum::paste! { [<__path_ $further>]::methods() }, &$further); )*
        route
    }};
}

/// The routes of a context.
pub struct Routes<S> {
    pub(crate) all: Vec<(Policy, Route<S>)>,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// No routes yet.
    #[expect(clippy::new_without_default, reason = "a builder")]
    pub fn new() -> Self {
        Self { all: Vec::new() }
    }

    /// And this one, which `policy` guards. There is no other way to register a route.
    pub fn route(mut self, policy: Policy, route: Route<S>) -> Self {
        self.all.push((policy, route));
        self
    }

    /// And these.
    pub fn merge(mut self, others: Self) -> Self {
        self.all.extend(others.all);
        self
    }

    /// All of them below a mount.
    pub fn below(mut self, mount: &str) -> Self {
        for (_, route) in &mut self.all {
            route.path.insert_str(0, mount);
        }
        self
    }

    /// The router, for requests.
    pub fn router(self) -> Router<S> {
        self.all.into_iter().fold(Router::new(), |router, (policy, route)| {
            router.route(&route.path, enforced(policy, route.handlers))
        })
    }
}
