//! A context's routes and the document that describes them, made of the same lines.

use std::future::Future;

use axum::Router;
use http::StatusCode;
use utoipa::openapi::path::PathItem;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Paths, RefOr};
use utoipa_axum::router::OpenApiRouter;
use wire::Fault;

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

/// The router of a mount, and its document with the paths as clients write them.
pub fn mounted<S: Clone + Send + Sync + 'static>(
    mount: &str,
    routes: OpenApiRouter<S>,
) -> (Router<S>, OpenApi) {
    let (router, mut document) = routes.split_for_parts();
    let mut paths = Paths::new();
    for (path, mut item) in std::mem::take(&mut document.paths.paths) {
        describe(&mut item);
        // Files such as `jwks.json` have no slash behind them.
        let file = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
        let slash = if file || path.ends_with('/') { "" } else { "/" };
        paths.paths.insert(format!("{mount}{path}{slash}"), item);
    }
    document.paths = paths;
    (Router::new().nest(mount, router), document)
}

/// Opens what requests will need, and builds their router on a thread meanwhile: to describe every operation takes as
/// long as to read the secrets does.
pub async fn beside<T, S: Send + 'static>(
    open: impl Future<Output = Result<T, Fault>>,
    router: impl FnOnce() -> Router<S> + Send + 'static,
) -> Result<(T, Router<S>), Fault> {
    let router = tokio::task::spawn_blocking(router);
    let opened = open.await?;
    Ok((opened, router.await.map_err(Fault::bug)?))
}

/// Says of every answer what it is: readers of the document insist on it. Without words of its own, its status speaks.
fn describe(path: &mut PathItem) {
    let PathItem { get, put, post, delete, options, head, patch, trace, .. } = path;
    let operations = [get, put, post, delete, options, head, patch, trace].into_iter().flatten();
    for (status, response) in operations.flat_map(|operation| &mut operation.responses.responses) {
        let reason = status.parse().ok().and_then(|status: StatusCode| status.canonical_reason());
        if let (RefOr::T(response), Some(reason)) = (response, reason)
            && response.description.is_empty()
        {
            response.description = format!("{reason}.");
        }
    }
}
