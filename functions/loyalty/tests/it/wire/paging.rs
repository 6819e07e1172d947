//! Pages, their links, and the order of lists.

use serde_json::{Value, json};
use testkit::Answer;

use crate::shop::{Shop, refused, told};

fn names(page: &Answer) -> Vec<&str> {
    page.json["results"].as_array().unwrap().iter().map(|row| row["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn fifty_are_a_page_and_links_lead_on_and_back() {
    let shop = Shop::open().await;
    for n in 0..57 {
        shop.voucher(&format!("V{n:02}"), n, 1).await;
    }
    let newest = |from: usize, to: usize| (to..=from).rev().map(|n| format!("V{n:02}")).collect::<Vec<_>>();
    let first = shop.get("/vouchers/").await.expect(200);
    let mut keys: Vec<&String> = first.json.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["count", "data", "next", "previous", "results", "success"]);
    assert_eq!(
        (&first.json["count"], &first.json["previous"], &first.json["success"]),
        (&json!(57), &Value::Null, &json!(true))
    );
    assert_eq!(first.json["data"], first.json["results"]);
    assert_eq!(names(&first), newest(56, 7));
    let follow = |link: &Value| {
        let path = link.as_str().unwrap().strip_prefix("http://mercato.test").unwrap().to_owned();
        shop.world.get(&path).bearer(&shop.clerk.access).send()
    };
    let rest = follow(&first.json["next"]).await.expect(200);
    assert_eq!(
        (names(&rest), &rest.json["next"], &rest.json["count"]),
        (vec!["V06", "V05", "V04", "V03", "V02", "V01", "V00"], &Value::Null, &json!(57))
    );
    assert_eq!(names(&follow(&rest.json["previous"]).await.expect(200)), newest(56, 7));

    for (size, rows) in
        [("1", 1), ("57", 57), ("200", 57), ("5000", 57), ("0", 50), ("-1", 50), ("x", 50), ("", 50)]
    {
        assert_eq!(
            names(&shop.get(&format!("/vouchers/?page_size={size}")).await.expect(200)).len(),
            rows,
            "{size}"
        );
    }
    assert_eq!(names(&shop.get("/vouchers/?page=3&page_size=20").await.expect(200)), newest(16, 0));
    for page in ["4", "0", "-1", "x", "1.5", "99999999999999999999"] {
        told(shop.get(&format!("/vouchers/?page={page}&page_size=20")).await, 404, "Invalid page.");
    }
    told(shop.get("/vouchers/?cursor=abc").await, 404, "Invalid page.");
}

#[tokio::test]
async fn links_keep_scheme_host_path_and_everything_else_that_was_asked() {
    let shop = Shop::open().await;
    for n in 0..5 {
        shop.voucher(&format!("V{n}"), 10, 1).await;
    }
    let call = |path: &str| shop.world.get(path).bearer(&shop.clerk.access);
    let list = call("/api/v1/loyalty/vouchers?ordering=-code&colour=red&page_size=2&page=2&min_points=5");
    let page = list.header("x-forwarded-proto", "https").send().await.expect(200);
    assert_eq!(names(&page), ["V2", "V1"]);
    for link in ["next", "previous"] {
        let link = page.text_at(link);
        assert!(link.starts_with("https://mercato.test/api/v1/loyalty/vouchers?"), "{link}");
        for kept in ["ordering=-code", "colour=red", "page_size=2", "min_points=5"] {
            assert!(link.contains(kept), "{kept} in {link}");
        }
    }
    let next = page.text_at("next");
    let last = call(next.strip_prefix("https://mercato.test").unwrap()).send().await.expect(200);
    assert_eq!((names(&last), &last.json["next"]), (vec!["V0"], &Value::Null));
}

#[tokio::test]
async fn unknown_orders_and_parameters_are_passed_over_and_bad_filters_are_told() {
    let shop = Shop::open().await;
    for (code, cost) in [("B", 5), ("A", 5), ("C", 1)] {
        shop.voucher(code, cost, 1).await;
    }
    for (query, expected) in [
        ("", ["C", "A", "B"]),
        ("ordering=", ["C", "A", "B"]),
        ("ordering=colour", ["C", "A", "B"]),
        ("ordering=code", ["A", "B", "C"]),
        ("ordering=-code", ["C", "B", "A"]),
        ("ordering=points_cost,-code", ["C", "B", "A"]),
        ("ordering=colour,-points_cost,%20code", ["A", "B", "C"]),
        ("colour=red&status=&type=", ["C", "A", "B"]),
    ] {
        assert_eq!(names(&shop.get(&format!("/vouchers/?{query}")).await.expect(200)), expected, "{query}");
    }
    let choice =
        |value: &str| json!([format!("Select a valid choice. {value} is not one of the available choices.")]);
    let number = json!(["Enter a number."]);
    for (path, details) in [
        ("/members/?status=Foo", json!({ "status": choice("Foo") })),
        (
            "/members/?status=Foo&tier_level=gold&min_points=x&max_points=1.5",
            json!({
                "status": choice("Foo"), "tier_level": choice("gold"), "min_points": number, "max_points": number,
            }),
        ),
        ("/points/?transaction_type=Foo", json!({ "transaction_type": choice("Foo") })),
        ("/vouchers/?type=percentage", json!({ "type": choice("percentage") })),
        ("/redeem/?status=Open", json!({ "status": choice("Open") })),
    ] {
        refused(shop.get(path).await, details);
    }
}
