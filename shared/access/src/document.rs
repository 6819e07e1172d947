//! The document that describes a context's routes.

use http::StatusCode;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Paths, RefOr};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::{Policy, Route, Routes};

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// The document of these routes, with the paths as clients write them.
    pub fn document(&self, title: &str, about: &str) -> OpenApi {
        let all = self.all.iter().map(|(policy, route)| described(policy, route));
        let mut document = all.fold(blank(title, about), OpenApiRouter::routes).into_openapi();
        let mut paths = Paths::new();
        for (path, mut item) in std::mem::take(&mut document.paths.paths) {
            speak(&mut item);
            // Files such as `jwks.json` have no slash behind them.
            let file = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
            let slash = if file || path.ends_with('/') { "" } else { "/" };
            paths.paths.insert(format!("{path}{slash}"), item);
        }
        document.paths = paths;
        document
    }
}

/// A document that is our own from the start; the library's would carry its own title.
fn blank<S: Clone + Send + Sync + 'static>(title: &str, about: &str) -> OpenApiRouter<S> {
    let info = InfoBuilder::new().title(title).version(env!("CARGO_PKG_VERSION")).description(Some(about));
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let token = ApiKeyValue::with_description("Authorization", "`Token`, a blank, and an opaque token.");
    let token = SecurityScheme::ApiKey(ApiKey::Header(token));
    let components =
        ComponentsBuilder::new().security_scheme("bearer", bearer).security_scheme("token", token);
    let document = OpenApiBuilder::new().info(info.build()).components(Some(components.build()));
    OpenApiRouter::with_openapi(document.build())
}

/// What the handlers of a route say of themselves, and its policy of them.
fn described<S>(policy: &Policy, route: &Route<S>) -> UtoipaMethodRouter<S> {
    let (schemas, mut paths, handlers) = (route.described)();
    let moved = std::mem::take(&mut paths.paths).into_values().map(|mut item| {
        for operation in operations(&mut item) {
            if let Some(say) = route.said {
                say(operation);
            }
            policy.describe(operation);
            if let (Some(id), Some(suffix)) = (&mut operation.operation_id, route.suffix) {
                id.push('_');
                id.push_str(suffix);
            }
        }
        (route.path.clone(), item)
    });
    paths.paths = moved.collect();
    (schemas, paths, handlers)
}

/// Says of every answer what it is: readers of the document insist on it. Without words of its own, its status speaks.
fn speak(path: &mut PathItem) {
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
    use crate::routes;

    use super::*;

    /// One thing.
    #[utoipa::path(get, path = "/things/{id}", operation_id = "shop_things_get", responses((status = 200), (status = 404, description = "Gone.")))]
    async fn get() {}

    /// Change one.
    #[utoipa::path(method(put, patch), path = "/things/{id}", operation_id = "shop_things_change", responses((status = 200)))]
    async fn change() {}

    /// The keys.
    #[utoipa::path(get, path = "/keys.json", operation_id = "shop_keys", responses((status = 200)))]
    async fn keys() {}

    fn document() -> OpenApi {
        Routes::<()>::new()
            .route(Policy::signed_in(), routes!(get, change))
            .route(Policy::anyone(), routes!(get).also_at("/goods/{id}", "short"))
            .route(Policy::anyone(), routes!(keys).saying(|keys| keys.summary = Some("All keys.".to_owned())))
            .below("/api/shop")
            .document("Shop", "What there is.")
    }

    fn get_of<'a>(document: &'a OpenApi, path: &str) -> &'a Operation {
        document.paths.paths[path].get.as_ref().expect("it can be read")
    }

    #[test]
    fn paths_stand_below_their_mount_and_end_as_clients_write_them() {
        let document = document();
        let paths: Vec<_> = document.paths.paths.keys().map(String::as_str).collect();
        assert_eq!(paths, ["/api/shop/goods/{id}/", "/api/shop/keys.json", "/api/shop/things/{id}/"]);
        let things = &document.paths.paths["/api/shop/things/{id}/"];
        assert!(
            things.get.is_some() && things.put.is_some() && things.patch.is_some() && things.post.is_none()
        );
    }

    #[test]
    fn an_operation_is_also_at_another_path_by_another_name() {
        let document = document();
        let names = ["/api/shop/things/{id}/", "/api/shop/goods/{id}/"]
            .map(|path| get_of(&document, path).operation_id.clone().expect("it has a name"));
        assert_eq!(names, ["shop_things_get", "shop_things_get_short"]);
    }

    #[test]
    fn operations_tell_their_policy_and_what_else_is_said_of_them() {
        let document = document();
        let guarded = get_of(&document, "/api/shop/things/{id}/");
        assert!(guarded.security.is_some() && guarded.responses.responses.contains_key("401"));
        let keys = get_of(&document, "/api/shop/keys.json");
        assert!(keys.security.is_none() && !keys.responses.responses.contains_key("401"));
        assert_eq!(keys.summary.as_deref(), Some("All keys."));
    }

    #[test]
    fn an_answer_without_words_is_described_by_its_status() {
        let document = document();
        let answers = &get_of(&document, "/api/shop/things/{id}/").responses.responses;
        let said = ["200", "404"].map(|status| match &answers[status] {
            RefOr::T(answer) => answer.description.as_str(),
            RefOr::Ref(_) => panic!("it stands elsewhere"),
        });
        assert_eq!(said, ["OK.", "Gone."]);
    }
}
