//! Registering handlers: described where a document is made of them, and only routed where requests come.

use std::cell::Cell;

use axum::handler::Handler;
use axum::routing::MethodRouter;
use utoipa::openapi::HttpMethod;
use utoipa_axum::PathItemExt as _;

thread_local! {
    /// Whether somebody will read what handlers say of themselves. Known where routes are asked for, needed in each of
    /// the many places that they come from.
    static DESCRIBED: Cell<bool> = const { Cell::new(true) };
}

/// The routes of handlers, as the library's macro of that name makes them. To describe them takes longer than all else
/// that happens at a start, so for a router that part is left out: operations and schemas stay empty.
#[macro_export]
macro_rules! routes {
    ($($handler:ident),+ $(,)?) => {
        if $crate::routes::are_described() {
            ::utoipa_axum::routes!($($handler),+)
        } else {
            let mut paths = ::utoipa::openapi::Paths::new();
            let mut routed = ::axum::routing::MethodRouter::new();
            $(
                let (path, methods) = ::utoipa_axum::paste! {{
                    use ::utoipa::Path as _;
                    ([<__path_ $handler>]::path(), [<__path_ $handler>]::methods())
                }};
                paths.paths.entry(path).or_default();
                routed = $crate::routes::routed(routed, &methods, &$handler);
            )+
            (::std::vec::Vec::new(), paths, routed)
        }
    };
}

/// The methods of a path with one more handler.
pub fn routed<S, H, T>(routed: MethodRouter<S>, methods: &[HttpMethod], handler: &H) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
    H: Handler<T, S>,
    T: 'static,
{
    methods.iter().fold(routed, |routed, method| routed.on(method.to_method_filter(), handler.clone()))
}

/// Whether routes are to be described now.
pub fn are_described() -> bool {
    DESCRIBED.get()
}

/// Makes routes of which nobody will read a description.
pub(crate) fn undescribed<T>(routes: impl FnOnce() -> T) -> T {
    let before = DESCRIBED.replace(false);
    let made = routes();
    DESCRIBED.set(before);
    made
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use http::{Request, StatusCode};
    use tower::ServiceExt as _;
    use utoipa_axum::router::OpenApiRouter;

    use crate::api;

    #[utoipa::path(get, path = "/things/{id}", responses((status = 200, body = String)))]
    async fn get() -> &'static str {
        "one"
    }

    #[utoipa::path(method(put, patch), path = "/things/{id}", responses((status = 200, body = String)))]
    async fn change() -> &'static str {
        "changed"
    }

    #[utoipa::path(get, path = "/things", responses((status = 200, body = String)))]
    async fn list() -> &'static str {
        "all"
    }

    fn routes() -> OpenApiRouter {
        api::routes("Things", "What is there.").routes(routes!(list)).routes(routes!(get, change))
    }

    async fn answer(router: &Router, method: &str, path: &str) -> StatusCode {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap().status()
    }

    #[tokio::test]
    async fn without_descriptions_the_same_is_routed() {
        let [bare, described] = [api::router("/api", routes), Router::new().nest("/api", routes().into())];
        for (method, path, expected) in [
            ("GET", "/api/things", 200),
            ("GET", "/api/things/1", 200),
            ("PUT", "/api/things/1", 200),
            ("PATCH", "/api/things/1", 200),
            ("DELETE", "/api/things/1", 405),
            ("PUT", "/api/things", 405),
            ("GET", "/api", 404),
        ] {
            assert_eq!(answer(&bare, method, path).await, expected, "{method} {path}");
            assert_eq!(answer(&described, method, path).await, expected, "{method} {path}");
        }
    }

    #[test]
    fn a_document_describes_all_even_after_a_router_was_made() {
        let _: Router = api::router("/api", routes);
        let document = api::document("/api", routes());
        let [all, one] = ["/api/things/", "/api/things/{id}/"].map(|path| document.paths.paths[path].clone());
        assert!(all.get.is_some() && one.get.is_some() && one.put.is_some() && one.patch.is_some());
        let bare = super::undescribed(routes).into_openapi();
        assert!(bare.paths.paths["/things"].get.is_none());
    }
}
