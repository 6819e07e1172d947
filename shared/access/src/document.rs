//! The document that describes a context's routes.

mod answers;

use std::collections::BTreeMap;

use utoipa::ToSchema;
use utoipa::openapi::path::{HttpMethod, Operation, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Paths, RefOr, Schema};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::{Policy, Route, Routes};

pub(crate) use answers::also_answers;

/// Schemas by their names.
type Schemas = BTreeMap<String, RefOr<Schema>>;

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// The document of these routes, with the paths as clients write them. A refusal is an `R` to them.
    pub fn document<R: ToSchema>(&self, title: &str, about: &str) -> OpenApi {
        let mut schemas = Schemas::new();
        let all = self.all.iter().map(|(policy, route)| described(policy, route)).inspect(|(named, ..)| {
            for (name, schema) in named {
                let other = schemas.insert(name.clone(), schema.clone());
                assert!(other.is_none_or(|other| other == *schema), "{name} would be two things: rename one");
            }
        });
        let mut document = all.fold(blank(title, about), OpenApiRouter::routes).into_openapi();
        let mut paths = Paths::new();
        for (path, mut item) in std::mem::take(&mut document.paths.paths) {
            for (method, operation) in operations(&mut item) {
                answers::of_body(operation, &schemas);
                if matches!(method, HttpMethod::Post | HttpMethod::Delete) {
                    answers::of_key(operation);
                }
                answers::describe(operation, &R::name());
            }
            // Files such as `jwks.json` have no slash behind them.
            let file = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
            let slash = if file || path.ends_with('/') { "" } else { "/" };
            paths.paths.insert(format!("{path}{slash}"), item);
        }
        document.paths = paths;
        document.components.get_or_insert_default().schemas.insert(R::name().into_owned(), R::schema());
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
        for (_, operation) in operations(&mut item) {
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

fn operations(path: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    let PathItem { get, put, post, delete, patch, .. } = path;
    let all = [
        (HttpMethod::Get, get),
        (HttpMethod::Put, put),
        (HttpMethod::Post, post),
        (HttpMethod::Delete, delete),
        (HttpMethod::Patch, patch),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use utoipa::openapi::Required;

    use crate::routes;

    use super::*;

    /// One thing.
    #[utoipa::path(get, path = "/things/{id}", operation_id = "shop_things_get", responses((status = 200), (status = 404, description = "Gone.")))]
    async fn get() {}

    /// Change one.
    #[utoipa::path(method(put, patch), path = "/things/{id}", operation_id = "shop_things_change", responses((status = 200)))]
    async fn change() {}

    /// A thing to be.
    #[derive(serde::Serialize, utoipa::ToSchema)]
    struct Wish {
        name: String,
    }

    /// How it is to look.
    #[derive(serde::Serialize, utoipa::ToSchema)]
    struct Look {
        colour: Option<String>,
    }

    mod elsewhere {
        /// Another thing of that name.
        #[derive(serde::Serialize, utoipa::ToSchema)]
        pub struct Wish {
            title: String,
        }
    }

    /// Wish for one.
    #[utoipa::path(post, path = "/things", operation_id = "shop_things_create", request_body = Wish,
        responses((status = 201), (status = 400, description = "What is wrong.")))]
    async fn create() {}

    /// Paint one.
    #[utoipa::path(patch, path = "/things/paint", operation_id = "shop_things_paint", request_body = Look, responses((status = 200)))]
    async fn paint() {}

    /// Wish for another.
    #[utoipa::path(post, path = "/others", operation_id = "shop_others_create", request_body = elsewhere::Wish, responses((status = 201)))]
    async fn other() {}

    /// The keys.
    #[utoipa::path(get, path = "/keys.json", operation_id = "shop_keys", responses((status = 200)))]
    async fn keys() {}

    fn document() -> OpenApi {
        Routes::<()>::new()
            .route(Policy::signed_in(), routes!(get, change))
            .route(Policy::anyone(), routes!(get).also_at("/goods/{id}", "short"))
            .route(Policy::anyone(), routes!(keys).saying(|keys| keys.summary = Some("All keys.".to_owned())))
            .below("/api/shop")
            .document::<Wish>("Shop", "What there is.")
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

    #[test]
    fn a_body_may_be_absent_where_nothing_has_to_be_sent_and_may_always_be_bad() {
        let routes = Routes::<()>::new().route(Policy::anyone(), routes!(create));
        let document =
            routes.route(Policy::anyone(), routes!(paint)).document::<Wish>("Shop", "What there is.");
        let create = document.paths.paths["/things/"].post.as_ref().expect("it is made");
        let paint = document.paths.paths["/things/paint/"].patch.as_ref().expect("it is painted");
        for (operation, required, bad) in [
            (create, Required::True, "What is wrong."),
            (paint, Required::False, "The body is no JSON object."),
        ] {
            let (Some(RefOr::T(body)), RefOr::T(answer)) =
                (&operation.request_body, &operation.responses.responses["400"])
            else {
                panic!("they stand elsewhere")
            };
            assert!(body.required == Some(required) && answer.description == bad, "{}", answer.description);
            assert!(["413", "415"].iter().all(|status| operation.responses.responses.contains_key(*status)));
        }
    }

    fn as_json(routes: &Routes<()>) -> Value {
        serde_json::to_value(routes.document::<Wish>("Shop", "What there is.")).expect("a document is JSON")
    }

    #[test]
    fn a_refusal_says_what_it_looks_like_and_when_to_ask_again() {
        let document = as_json(&Routes::new().route(Policy::signed_in(), routes!(get)));
        let answers = &document["paths"]["/things/{id}/"]["get"]["responses"];
        for status in ["401", "404", "429", "503"] {
            let schema = answers[status].pointer("/content/application~1json/schema/$ref");
            assert_eq!(schema, Some(&json!("#/components/schemas/Wish")), "{status}");
            let tells = ["429", "503"].contains(&status);
            assert_eq!(answers[status].pointer("/headers/Retry-After").is_some(), tells, "{status}");
        }
        assert!(answers["200"]["content"].is_null());
        assert_eq!(document["components"]["schemas"]["Wish"]["required"], json!(["name"]));
    }

    #[test]
    fn what_has_an_effect_takes_a_key() {
        let routes = Routes::new().route(Policy::anyone(), routes!(create));
        let document = as_json(&routes.route(Policy::anyone(), routes!(get, change)));
        let create = &document["paths"]["/things/"]["post"];
        let key = &create["parameters"][0];
        assert_eq!((&key["name"], &key["required"]), (&json!("Idempotency-Key"), &json!(false)));
        assert!(create["responses"]["201"]["headers"]["Idempotent-Replayed"].is_object(), "{create}");
        assert!(["409", "422"].iter().all(|status| create["responses"][status].is_object()), "{create}");
        for other in ["get", "put", "patch"] {
            let other = &document["paths"]["/things/{id}/"][other];
            assert!(
                other["responses"]["200"].is_object() && !other.to_string().contains("Idempot"),
                "{other}"
            );
        }
    }

    #[test]
    #[should_panic(expected = "Wish would be two things")]
    fn no_two_things_have_one_name() {
        let routes = Routes::<()>::new().route(Policy::anyone(), routes!(create));
        routes.route(Policy::anyone(), routes!(other)).document::<Wish>("Shop", "What there is.");
    }
}
