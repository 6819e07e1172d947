//! A context's routes and the document that describes them, made of the same lines.

use std::future::Future;

use axum::Router;
use http::StatusCode;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Paths, RefOr};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use wire::Fault;

use crate::routes::undescribed;

/// A router that starts from our own document; the library's would carry its own title.
pub fn routes<S: Clone + Send + Sync + 'static>(title: &str, description: &str) -> OpenApiRouter<S> {
    let info =
        InfoBuilder::new().title(title).version(env!("CARGO_PKG_VERSION")).description(Some(description));
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let token = ApiKeyValue::with_description("Authorization", "`Token`, a blank, and an opaque token.");
    let token = SecurityScheme::ApiKey(ApiKey::Header(token));
    let components =
        ComponentsBuilder::new().security_scheme("bearer", bearer).security_scheme("token", token);
    let document = OpenApiBuilder::new().info(info.build()).components(Some(components.build()));
    OpenApiRouter::with_openapi(document.build())
}

/// The router of a mount, for requests: what its operations would say of themselves is left out.
pub fn router<S: Clone + Send + Sync + 'static>(
    mount: &str,
    routes: impl FnOnce() -> OpenApiRouter<S>,
) -> Router<S> {
    Router::new().nest(mount, undescribed(routes).into())
}

/// The document of a mount, with the paths as clients write them.
pub fn document<S: Clone + Send + Sync + 'static>(mount: &str, routes: OpenApiRouter<S>) -> OpenApi {
    let mut document = routes.into_openapi();
    let mut paths = Paths::new();
    for (path, mut item) in std::mem::take(&mut document.paths.paths) {
        describe(&mut item);
        // Files such as `jwks.json` have no slash behind them.
        let file = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
        let slash = if file || path.ends_with('/') { "" } else { "/" };
        paths.paths.insert(format!("{mount}{path}{slash}"), item);
    }
    document.paths = paths;
    document
}

/// The same operations at another path, for clients that know them by it: `name` goes behind what the document calls them.
pub fn also_at<S>(path: &str, name: &str, routes: UtoipaMethodRouter<S>) -> UtoipaMethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    let (schemas, mut paths, methods) = routes;
    let moved = std::mem::take(&mut paths.paths).into_values().map(|mut item| {
        for id in operations(&mut item).filter_map(|operation| operation.operation_id.as_mut()) {
            id.push('_');
            id.push_str(name);
        }
        (path.to_owned(), item)
    });
    paths.paths = moved.collect();
    (schemas, paths, methods)
}

/// Opens what requests will need, and builds their router while the answers are on their way.
pub async fn beside<T, S>(
    open: impl Future<Output = Result<T, Fault>>,
    router: impl FnOnce() -> Router<S>,
) -> Result<(T, Router<S>), Fault> {
    tokio::try_join!(open, async { Ok(router()) })
}

/// Says of every answer what it is: readers of the document insist on it. Without words of its own, its status speaks.
fn describe(path: &mut PathItem) {
    for (status, response) in operations(path).flat_map(|operation| &mut operation.responses.responses) {
        let reason = status.parse().ok().and_then(|status: StatusCode| status.canonical_reason());
        if let (RefOr::T(response), Some(reason)) = (response, reason)
            && response.description.is_empty()
        {
            response.description = format!("{reason}.");
        }
    }
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, options, head, patch, trace, .. } = path;
    [get, put, post, delete, options, head, patch, trace].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use axum::routing::MethodRouter;
    use utoipa::openapi::HttpMethod;
    use utoipa::openapi::path::OperationBuilder;

    use super::*;

    #[test]
    fn an_operation_is_also_at_another_path_by_another_name() {
        let operation = OperationBuilder::new().operation_id(Some("shop_auth_renew")).build();
        let mut paths = Paths::new();
        paths.paths.insert("/token/refresh".to_owned(), PathItem::new(HttpMethod::Post, operation));
        let routes = (Vec::new(), paths, MethodRouter::<()>::new());
        let (_, paths, _) = also_at("/refresh", "short", routes);
        let found: Vec<_> = paths
            .paths
            .iter()
            .map(|(path, item)| (path.as_str(), item.post.as_ref().unwrap().operation_id.as_deref().unwrap()))
            .collect();
        assert_eq!(found, [("/refresh", "shop_auth_renew_short")]);
    }
}
