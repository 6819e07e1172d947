use proptest::prelude::*;
use serde_json::{Value, json};
use wire::{Money, Query};

use crate::fields::Tier;

#[test]
fn queries_keep_their_order_and_forgive() {
    let query = Query::parse("?&page=2&&tag=a&search=caf%C3%A9+au&tag=b&");
    let pairs: Vec<_> = query.pairs().iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(pairs, [("page", "2"), ("tag", "a"), ("search", "café au"), ("tag", "b")]);
    assert_eq!(query.get("tag"), Some("b"));
    assert_eq!(query.all("tag").collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(query.encoded(), "page=2&tag=a&search=caf%C3%A9+au&tag=b");
    assert_eq!(query.with("tag", Some("c")).encoded(), "page=2&tag=c&search=caf%C3%A9+au");
    assert_eq!(query.with("page", None).with("cursor", Some("x")).get("cursor"), Some("x"));
    assert_eq!(Query::parse("a=%20&b").filled("a"), None);
    assert_eq!(Query::parse("a=1&b").get("b"), Some(""));
    assert_eq!(
        Query::parse("ordering=-points,,%20name").list("ordering").collect::<Vec<_>>(),
        ["-points", "name"]
    );
    assert_eq!(Query::parse("").list("ordering").count(), 0);
    assert_eq!(Query::parse("q=%FF%ZZ").get("q"), Some("\u{fffd}%ZZ"));
}

#[test]
fn good_filters_are_read() {
    let query = Query::parse(
        "tier=Silver&open=TRUE&least=-5&price=4.5&from=2026-03-01&to=2026-03-01&search=+x+&blank=",
    );
    let mut filters = query.filters();
    assert_eq!(filters.choice("tier"), Some(Tier::Silver));
    assert_eq!(filters.flag("open"), Some(true));
    assert_eq!(filters.whole("least"), Some(-5));
    assert_eq!(filters.money("price"), Some(Money::from_minor(450)));
    assert_eq!(filters.from("from").unwrap().to_string(), "2026-03-01T00:00:00.000000Z");
    assert_eq!(filters.until("to").unwrap().to_string(), "2026-03-01T23:59:59.999999Z");
    assert_eq!(filters.text("search"), Some("x"));
    assert_eq!(filters.whole("blank"), None);
    assert_eq!(filters.choice::<Tier>("absent"), None);
    filters.done().unwrap();
}

#[test]
fn a_number_beyond_all_others_is_a_bound_like_any_other() {
    for (sent, read) in [
        ("305902794724410171432516943085568", i64::MAX),
        ("-305902794724410171432516943085568", i64::MIN),
        ("5.00", 5),
    ] {
        let query = Query::parse(&format!("most={sent}"));
        let mut filters = query.filters();
        assert_eq!(filters.whole("most"), Some(read), "{sent}");
        filters.done().unwrap();
    }
}

#[test]
fn bad_filters_are_told_together() {
    let query = Query::parse("tier=Foo&open=maybe&least=x&price=1.234&from=soon&to=2026-02-30");
    let mut filters = query.filters();
    assert_eq!(filters.choice::<Tier>("tier"), None);
    assert_eq!((filters.flag("open"), filters.whole("least"), filters.money("price")), (None, None, None));
    assert_eq!((filters.from("from"), filters.until("to")), (None, None));
    let problem = filters.done().unwrap_err();
    assert_eq!(problem.status(), 400);
    assert_eq!(
        Value::Object(problem.members().clone()),
        json!({
            "tier": ["Select a valid choice. Foo is not one of the available choices."],
            "open": ["Select a valid choice. maybe is not one of the available choices."],
            "least": ["Enter a number."],
            "price": ["Enter a number."],
            "from": ["Enter a valid date/time."],
            "to": ["Enter a valid date/time."],
        })
    );
}

proptest! {
    #[test]
    fn pairs_come_back(pairs in proptest::collection::vec((any::<String>(), any::<String>()), 0..5)) {
        let text = serde_urlencoded::to_string(&pairs).unwrap();
        prop_assume!(!text.starts_with(['?', '&']) && pairs.iter().all(|(name, value)| !(name.is_empty() && value.is_empty())));
        let query = Query::parse(&text);
        prop_assert_eq!(query.pairs(), &pairs[..]);
        prop_assert_eq!(query.encoded(), text);
    }
}
