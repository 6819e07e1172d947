use http::Request;
use http::request::Parts;
use serde_json::json;
use utoipa::ToSchema;
use wire::{Links, Page, PageLimits, PageQuery, Place, Problem, Query, normalise_request};

const LIMITS: PageLimits = PageLimits::up_to(50, 200);

fn parts(uri: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = Request::get(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(()).unwrap();
    normalise_request(&mut request);
    request.into_parts().0
}

fn asked(text: &str, limits: PageLimits) -> Result<PageQuery, String> {
    PageQuery::read(&Query::parse(text), limits).map_err(|problem| problem.to_string())
}

#[test]
fn sizes_stay_within_the_limits() {
    for (text, size) in [
        ("", 50),
        ("page_size=10", 10),
        ("page_size=200", 200),
        ("page_size=201", 200),
        ("page_size=99999999999999999999999", 200),
        ("page_size=0", 50),
        ("page_size=-1", 50),
        ("page_size=x", 50),
        ("page_size=", 50),
    ] {
        assert_eq!(asked(text, LIMITS).unwrap().size, size, "{text}");
    }
    assert_eq!(asked("page_size=5", PageLimits::fixed(20)).unwrap().size, 20);
}

#[test]
fn pages_that_do_not_exist_are_404() {
    for text in ["page=0", "page=-1", "page=x", "page=", "page=1.5", "page=99999999999999999999999"] {
        assert_eq!(asked(text, LIMITS), Err("404 Invalid page.".to_owned()), "{text}");
    }
    for (text, count, number) in [
        ("", 0, Some(1)),
        ("page=1", 0, Some(1)),
        ("page=2", 0, None),
        ("page=1", 50, Some(1)),
        ("page=2", 50, None),
        ("page=2", 51, Some(2)),
        ("page=last", 101, Some(3)),
        ("page=last", 0, Some(1)),
        ("page=3&page_size=10", 20, None),
        ("cursor=abc", 20, None),
    ] {
        let found = asked(text, LIMITS).unwrap().number(count);
        assert_eq!(found.as_ref().ok(), number.as_ref(), "{text} of {count}");
        assert!(found.err().is_none_or(|problem: Problem| problem.line() == "Invalid page."));
    }
    assert_eq!(asked("cursor=abc&page=x", LIMITS).unwrap().place, Place::Cursor("abc".to_owned()));
    assert_eq!(asked("cursor=&page=2", LIMITS).unwrap().place, Place::Number(2));
}

#[test]
fn links_stand_on_the_clients_own_address() {
    let uri = "/api/v1/loyalty/members/?search=a%20b&page=2&tier=Silver&";
    let links = Links::of(&parts(uri, &[("host", "shop.test"), ("x-forwarded-proto", "https")]));
    let page = Page::numbered(vec![1], 101, 2, 50, &links);
    let base = "https://shop.test/api/v1/loyalty/members/";
    assert_eq!(page.next.unwrap(), format!("{base}?search=a+b&page=3&tier=Silver"));
    assert_eq!(page.previous.unwrap(), format!("{base}?search=a+b&tier=Silver"));
    assert_eq!(links.to_cursor("x/y="), format!("{base}?search=a+b&tier=Silver&cursor=x%2Fy%3D"));
    let plain = Links::of(&parts("/api/x?page=2", &[("host", "localhost:3000")]));
    assert_eq!(plain.to_page(1), "http://localhost:3000/api/x");
    let cursor = Links::of(&parts("/api/x?cursor=a", &[]));
    assert_eq!(cursor.to_cursor("b"), "http://localhost/api/x?cursor=b");
    assert_eq!(cursor.to_page(3), "http://localhost/api/x?page=3");
}

#[test]
fn strange_hosts_and_schemes_are_not_repeated() {
    let odd = [("host", "evil.test/path?x"), ("x-forwarded-proto", "javascript")];
    assert_eq!(wire::origin(&parts("/x", &odd)), "http://localhost");
    assert_eq!(wire::origin(&parts("https://shop.test:8443/x", &odd)), "http://shop.test:8443");
    assert_eq!(wire::origin(&parts("https://shop.test/x", &[])), "https://shop.test");
    assert_eq!(
        wire::origin(&parts("/x", &[("host", "a.test"), ("x-forwarded-proto", "https, http")])),
        "https://a.test"
    );
    assert_eq!(wire::origin(&parts("/x", &[("host", "user:pw@a.test")])), "http://localhost");
}

#[test]
fn a_page_looks_like_drfs() {
    let links = Links::of(&parts("/api/x", &[("host", "a.test")]));
    let page = Page::numbered(vec!["a"], 1, 1, 50, &links).map(str::len);
    let expected = json!({"count": 1, "next": null, "previous": null, "results": [1]});
    assert_eq!(serde_json::to_string(&page).unwrap(), expected.to_string());
    let about = Page::by_cursor(vec![1], 7, Some("n"), None, &links).about();
    let expected = json!({"count": 7, "count_is_exact": false, "next": "http://a.test/api/x?cursor=n", "previous": null, "results": [1]});
    assert_eq!(serde_json::to_value(&about).unwrap(), expected);
}

#[test]
fn pages_of_different_entries_have_different_names() {
    assert_ne!(<Page<i32> as ToSchema>::name(), "");
    let schema = serde_json::to_value(<Page<i32> as utoipa::PartialSchema>::schema()).unwrap();
    assert_eq!(schema["required"], json!(["count", "results"]));
}
