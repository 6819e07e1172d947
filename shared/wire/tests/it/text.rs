use proptest::prelude::*;
use serde_json::{Value, json};
use wire::{Email, Field, Phone, Prose, Secret, Text, Username, WebAddress, folded};

/// What is wrong with a value, as a client reads it.
fn faults<T: Field>(value: &Value) -> Value {
    T::read_or_null(value).map_or_else(wire::Messages::into_value, |_| json!([]))
}

const BLANK: &str = "This field may not be blank.";
const NULL: &str = "This field may not be null.";

#[test]
fn texts_are_trimmed_and_numbers_are_texts() {
    assert_eq!(Text::<5>::read(&json!("  Ännä ")).unwrap().as_str(), "Ännä");
    assert_eq!(Text::<5>::read(&json!(12.5)).unwrap().as_str(), "12.5");
    assert_eq!(Text::<5>::read(&json!("äöüßé")).unwrap().as_str(), "äöüßé");
    assert_eq!(Prose::<5>::read(&json!("   ")).unwrap(), Prose::default());
    for (value, expected) in [
        (json!(""), json!([BLANK])),
        (json!(" \t"), json!([BLANK])),
        (json!(null), json!([NULL])),
        (json!(true), json!(["Not a valid string."])),
        (json!(["a"]), json!(["Not a valid string."])),
        (json!({}), json!(["Not a valid string."])),
        (json!("123456"), json!(["Ensure this field has no more than 5 characters."])),
        (json!("a\u{0}b"), json!(["Null characters are not allowed."])),
        (
            json!("123456\u{0}7"),
            json!(["Ensure this field has no more than 5 characters.", "Null characters are not allowed."]),
        ),
    ] {
        assert_eq!(faults::<Text<5>>(&value), expected, "{value}");
    }
    assert_eq!(
        faults::<Prose<5>>(&json!("123456")),
        json!(["Ensure this field has no more than 5 characters."])
    );
    assert_eq!(faults::<Option<Text<5>>>(&json!(null)), json!([]));
    assert_eq!(faults::<Option<Text<5>>>(&json!("")), json!([BLANK]));
}

#[test]
fn emails_follow_djangos_rule() {
    for good in [
        "a@b.co",
        " Sari.Wulan+shop@Shop.Test ",
        "x'y@sub.domain.example",
        "a@localhost",
        "a@bücher.de",
        "a@1.co",
        "a@b.c1",
    ] {
        assert_eq!(faults::<Email>(&json!(good)), json!([]), "{good}");
    }
    for bad in [
        "a",
        "a@",
        "@b.co",
        "a@b",
        "a@b.c",
        "a b@c.co",
        "a@b..co",
        ".a@b.co",
        "a.@b.co",
        "a..b@c.co",
        "a@-b.co",
        "a@b-.co",
        "a@b.co-",
        "a@b_c.co",
        "a@@b.co",
        "\"a b\"@c.co",
        "a@[127.0.0.1]",
        "a\n@b.co",
        "a@b.co\nBcc: c@d.ee",
        "ä@b.co",
    ] {
        assert_eq!(faults::<Email>(&json!(bad)), json!(["Enter a valid email address."]), "{bad}");
    }
    let long = format!("{}@b.co", "a".repeat(250));
    assert_eq!(faults::<Email>(&json!(long)), json!(["Ensure this field has no more than 254 characters."]));
    let email = Email::parse(" Rina@Shop.TEST ").unwrap();
    assert_eq!((email.as_str(), email.folded().as_str()), ("Rina@Shop.TEST", "rina@shop.test"));
}

#[test]
fn usernames_and_phones_have_their_alphabets() {
    let username =
        "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.";
    for (value, expected) in [
        ("rina_S.@+-9", json!([])),
        ("Żółw", json!([])),
        ("ri na", json!([username])),
        ("a/b", json!([username])),
    ] {
        assert_eq!(faults::<Username>(&json!(value)), expected, "{value}");
    }
    assert_eq!(
        faults::<Username>(&json!("u".repeat(151))),
        json!(["Ensure this field has no more than 150 characters."])
    );
    let phone = "Phone number must contain only digits, spaces, +, -, (, )";
    for (value, expected) in [("+62 (811)-222", json!([])), ("0811x", json!([phone])), ("", json!([BLANK]))] {
        assert_eq!(faults::<Phone>(&json!(value)), expected, "{value}");
    }
    assert_eq!(
        faults::<Phone>(&json!("1".repeat(51))),
        json!(["Ensure this field has no more than 50 characters."])
    );
}

#[test]
fn secrets_are_kept_whole_and_never_shown() {
    let secret = Secret::read(&json!(" pass word ")).unwrap();
    assert_eq!(secret.expose(), " pass word ");
    assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "Secret Some(Secret)");
    assert_eq!(secret, Secret::read(&json!(" pass word ")).unwrap());
    for (value, expected) in [
        (json!(""), json!([BLANK])),
        (json!(null), json!([NULL])),
        (json!(false), json!(["Not a valid string."])),
        (json!("p\u{0}"), json!(["Null characters are not allowed."])),
        (json!("p".repeat(129)), json!(["Ensure this field has no more than 128 characters."])),
    ] {
        assert_eq!(faults::<Secret>(&value), expected);
    }
}

#[test]
fn folding_makes_equal_what_reads_alike() {
    for (text, expected) in [
        (" Rina ", "rina"),
        ("ＲＩＮＡ", "rina"),
        ("Ａ@ｂ．ｃｏ", "a@b.co"),
        ("ﬁ", "fi"),
        ("É", "é"),
        ("E\u{301}", "é"),
        ("\u{a0}x\u{3000}", "x"),
    ] {
        assert_eq!(folded(text), expected, "{text}");
    }
}

#[test]
fn every_character_folds_once_and_for_all() {
    for c in '\0'..=char::MAX {
        let once = folded(&format!("a{c}b"));
        assert_eq!(folded(&once), once, "{c:?}");
    }
}

proptest! {
    #[test]
    fn folding_twice_is_folding_once(text in any::<String>()) {
        let once = folded(&text);
        prop_assert_eq!(folded(&once), once);
    }

    #[test]
    fn any_text_is_checked_without_panic(text in any::<String>()) {
        let _ = (Email::parse(&text), Username::parse(&text), Phone::parse(&text));
        if let Ok(kept) = Text::<20>::parse(&text) {
            prop_assert!(!kept.is_empty() && kept.chars().count() <= 20 && kept.trim() == kept.as_str());
        }
    }

    #[test]
    fn an_accepted_email_has_no_room_for_a_second_header(text in "[a-z@. \\r\\n,<>\"]{1,30}") {
        if let Ok(email) = Email::parse(&text) {
            prop_assert!(!email.contains(['\r', '\n', ' ', ',', '<', '>', '"']));
        }
    }
}

#[test]
fn addresses_of_the_web_are_what_others_can_reach() {
    for good in [
        "",
        "https://example.org",
        "HTTP://example.org:8080/a/b.png?x=1#y",
        "http://localhost/",
        "https://192.0.2.7/x",
        "https://bücher.example/regal",
    ] {
        assert_eq!(faults::<WebAddress<60>>(&json!(good)), json!([]), "{good}");
    }
    for bad in [
        "example.org",
        "//example.org",
        "ftp://example.org/x",
        "javascript:alert(1)",
        "data:text/html,x://example.org",
        "https://",
        "https:///path",
        "https://example",
        "https://me:secret@example.org/",
        "https://example.org:99999/",
        "https://example.org/two words",
        "https://example.org/\"onclick=\"x",
        "https://example.org/<b>",
    ] {
        assert_eq!(faults::<WebAddress<60>>(&json!(bad)), json!(["Enter a valid URL."]), "{bad}");
    }
    let long = format!("https://example.org/{}", "x".repeat(50));
    let expected = json!(["Ensure this field has no more than 60 characters."]);
    assert_eq!(faults::<WebAddress<60>>(&json!(long)), expected);
}
