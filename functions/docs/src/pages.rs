//! The two readable forms of a document: Swagger UI and `ReDoc`.

use axum::Router;
use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderMap};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::assets::{self, Asset};
use crate::content::{Content, Keep};
use crate::documents::Scope;

/// Nothing from elsewhere and no script in the page; both interfaces write styles, `ReDoc` searches in a worker.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    worker-src blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

struct Interface {
    path: &'static str,
    styles: &'static [&'static Asset],
    scripts: &'static [&'static Asset],
}

static SWAGGER: Interface = Interface {
    path: "docs",
    styles: &[&assets::SWAGGER_STYLE, &assets::PAGE_STYLE],
    scripts: &[&assets::SWAGGER_UI, &assets::SWAGGER_START],
};
static REDOC: Interface = Interface {
    path: "redoc",
    styles: &[&assets::PAGE_STYLE],
    scripts: &[&assets::REDOC, &assets::REDOC_START],
};

/// The routes of the pages about `scope`.
pub(crate) fn routes(scope: Scope) -> Router {
    [&SWAGGER, &REDOC].into_iter().fold(Router::new(), |router, interface| {
        let page = move |asked: HeaderMap| async move {
            let content = Content::plain("text/html; charset=utf-8", page(scope, interface));
            ([(CONTENT_SECURITY_POLICY, POLICY)], content.answer(&asked, Keep::ToCompare)).into_response()
        };
        router.route(&format!("{}/{}", scope.mount(), interface.path), get(page))
    })
}

fn page(scope: Scope, interface: &Interface) -> String {
    let lines = |assets: &[&Asset], line: fn(String) -> String| {
        assets.iter().map(|asset| line(asset.address())).collect::<Vec<_>>().join("\n")
    };
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="{icon}">
{styles}
</head>
<body>
<div id="page" data-schema="{mount}/schema/"></div>
{scripts}
</body>
</html>
"#,
        title = scope.title(),
        icon = assets::ICON.address(),
        mount = scope.mount(),
        styles = lines(interface.styles, |address| format!(r#"<link rel="stylesheet" href="{address}">"#)),
        scripts = lines(interface.scripts, |address| format!(r#"<script src="{address}"></script>"#)),
    )
}
