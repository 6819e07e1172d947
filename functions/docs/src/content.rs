//! A body that can be kept by its reader: named by what is in it, and packed where that pays.

use std::io::{Read, Write};

use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use table::digest;

use crate::negotiate;

/// How long a reader may keep a body without asking again.
#[derive(Clone, Copy)]
pub(crate) enum Keep {
    /// For good: another body will have another address.
    ForEver,
    /// Only to compare: each use asks whether the body is still the same.
    ToCompare,
}

/// A body with its media type and its mark.
pub(crate) struct Content {
    media: &'static str,
    mark: String,
    body: Bytes,
    packed: bool,
}

impl Content {
    /// A body that is small, or packed by its own nature.
    pub(crate) fn plain(media: &'static str, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        Self { media, mark: mark(&body), body, packed: false }
    }

    /// A body that is held under gzip already.
    pub(crate) fn packed(media: &'static str, body: &'static [u8]) -> Self {
        Self { media, mark: mark(body), body: Bytes::from_static(body), packed: true }
    }

    /// A long text, put under gzip now.
    pub(crate) fn pack(media: &'static str, text: &str) -> Self {
        const WRITES: &str = "memory takes every write";
        let mut packer = GzEncoder::new(Vec::new(), Compression::default());
        packer.write_all(text.as_bytes()).expect(WRITES);
        let body = packer.finish().expect(WRITES);
        Self { media, mark: mark(text.as_bytes()), body: body.into(), packed: true }
    }

    /// A short name for exactly this body.
    pub(crate) fn mark(&self) -> &str {
        &self.mark
    }

    /// The answer to a request for this body: in the client's encoding, or 304 when the client holds it.
    pub(crate) fn answer(&self, asked: &HeaderMap, keep: Keep) -> Response {
        let gzip = self.packed && negotiate::takes_gzip(asked);
        let tag = if gzip { format!("\"{}-gzip\"", self.mark) } else { format!("\"{}\"", self.mark) };
        let cache = match keep {
            Keep::ForEver => "public, max-age=31536000, immutable",
            Keep::ToCompare => "no-cache",
        };
        let kept = [(ETAG, tag.as_str()), (CACHE_CONTROL, cache), (VARY, "Accept, Accept-Encoding")];
        if negotiate::holds(asked, &tag) {
            return (StatusCode::NOT_MODIFIED, kept).into_response();
        }
        let body = if self.packed && !gzip { unpack(&self.body) } else { self.body.clone() };
        let mut response = (kept, [(CONTENT_TYPE, self.media)], body).into_response();
        if gzip {
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    }
}

fn mark(body: &[u8]) -> String {
    // 96 bits of it: enough to tell the versions of a file apart.
    digest(body)[..16].to_owned()
}

fn unpack(body: &[u8]) -> Bytes {
    let mut plain = Vec::new();
    GzDecoder::new(body)
        .read_to_end(&mut plain)
        .expect("what is held packed was packed by us or is read by a test");
    plain.into()
}
