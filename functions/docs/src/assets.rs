//! The files that the pages are made of, at addresses that change with their contents.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use wire::Problem;

use crate::content::{Content, Keep};

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// One embedded file; its mark is taken at the first use, not at every start.
pub(crate) struct Asset {
    name: &'static str,
    content: LazyLock<Content>,
}

pub(crate) static SWAGGER_UI: Asset = Asset {
    name: "swagger-ui-bundle.js",
    content: LazyLock::new(|| Content::packed(SCRIPT, include_bytes!("../assets/swagger-ui-bundle.js.gz"))),
};
pub(crate) static SWAGGER_STYLE: Asset = Asset {
    name: "swagger-ui.css",
    content: LazyLock::new(|| Content::packed(STYLE, include_bytes!("../assets/swagger-ui.css.gz"))),
};
pub(crate) static SWAGGER_START: Asset = Asset {
    name: "swagger.js",
    content: LazyLock::new(|| Content::plain(SCRIPT, include_str!("../assets/swagger.js"))),
};
pub(crate) static REDOC: Asset = Asset {
    name: "redoc.standalone.js",
    content: LazyLock::new(|| Content::packed(SCRIPT, include_bytes!("../assets/redoc.standalone.js.gz"))),
};
pub(crate) static REDOC_START: Asset = Asset {
    name: "redoc.js",
    content: LazyLock::new(|| Content::plain(SCRIPT, include_str!("../assets/redoc.js"))),
};
pub(crate) static PAGE_STYLE: Asset = Asset {
    name: "page.css",
    content: LazyLock::new(|| Content::plain(STYLE, include_str!("../assets/page.css"))),
};
pub(crate) static ICON: Asset = Asset {
    name: "favicon.svg",
    content: LazyLock::new(|| Content::plain("image/svg+xml", include_str!("../assets/favicon.svg"))),
};

static ASSETS: [&Asset; 7] =
    [&SWAGGER_UI, &SWAGGER_STYLE, &SWAGGER_START, &REDOC, &REDOC_START, &PAGE_STYLE, &ICON];

impl Asset {
    /// The address of exactly these contents.
    pub(crate) fn address(&self) -> String {
        format!("/api/docs/assets/{}/{}", self.content.mark(), self.name)
    }
}

/// The routes of the files.
pub(crate) fn routes() -> Router {
    Router::new().route("/api/docs/assets/{mark}/{name}", get(file))
}

/// An address with another version's mark is unknown: its answer would be kept for good.
async fn file(Path((mark, name)): Path<(String, String)>, asked: HeaderMap) -> Response {
    match ASSETS.iter().find(|asset| asset.name == name && asset.content.mark() == mark) {
        Some(asset) => asset.content.answer(&asked, Keep::ForEver),
        None => Problem::not_found().into_response(),
    }
}
