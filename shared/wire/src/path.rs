//! The forms in which clients write our paths.

use http::uri::PathAndQuery;
use http::{Request, Uri};

/// The address as the client wrote it, kept in the extensions when the router sees a normal form of it.
#[derive(Clone, Debug)]
pub struct ClientUri(pub Uri);

/// The normal form of an address: no trailing slash, and `/api/v1/...` is `/api/...`.
///
/// The query stays as it is.
pub fn normalise(uri: Uri) -> Uri {
    let path = normal_path(uri.path());
    // A CONNECT names a host and no path.
    if path == uri.path() || uri.path().is_empty() {
        return uri;
    }
    let whole = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    let mut parts = uri.into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(whole).expect("a shortened path stays a path"));
    Uri::from_parts(parts).expect("only the path changed")
}

/// Gives a request the normal form of its address and keeps the client's own beside it.
pub fn normalise_request<B>(request: &mut Request<B>) {
    let written = request.uri().clone();
    *request.uri_mut() = normalise(written.clone());
    request.extensions_mut().insert(ClientUri(written));
}

fn normal_path(path: &str) -> String {
    let bare = path.trim_end_matches('/');
    match bare.strip_prefix("/api/v1") {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("/api{rest}"),
        _ if bare.is_empty() => "/".to_owned(),
        _ => bare.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_one_normal_form() {
        for (written, normal) in [
            ("/", "/"),
            ("//", "/"),
            ("/api/loyalty/members/", "/api/loyalty/members"),
            ("/api/loyalty/members///?page=2&", "/api/loyalty/members?page=2&"),
            ("/api/v1/loyalty/members/", "/api/loyalty/members"),
            ("/api/v1/", "/api"),
            ("/api/v1?x=/", "/api?x=/"),
            ("/api/v10/x", "/api/v10/x"),
            ("/api/v1/v1/x", "/api/v1/x"),
            ("/api/loyalty/members?next=/api/v1/", "/api/loyalty/members?next=/api/v1/"),
            ("/a%2F/", "/a%2F"),
        ] {
            assert_eq!(normalise(written.parse().unwrap()).to_string(), normal, "{written}");
        }
        let absolute = normalise("https://shop.test/api/v1/x/?a=1".parse().unwrap());
        assert_eq!(absolute.to_string(), "https://shop.test/api/x?a=1");
        for untouched in ["*", "shop.test:443"] {
            assert_eq!(normalise(untouched.parse().unwrap()).to_string(), untouched);
        }
    }

    #[test]
    fn the_clients_own_address_is_kept() {
        let mut request = Request::get("/api/v1/x/?a=1").body(()).unwrap();
        normalise_request(&mut request);
        assert_eq!(request.uri(), "/api/x?a=1");
        assert_eq!(request.extensions().get::<ClientUri>().unwrap().0, "/api/v1/x/?a=1");
    }
}
