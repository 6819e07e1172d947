//! What nobody should send.

use serde_json::{Value, json};

/// One thing to send, made when it is sent, since some are long.
type Odd = fn() -> String;

/// Values of a field that JSON can write.
pub fn values() -> Vec<Value> {
    let nested = (0..20).fold(json!(1), |inner, _| json!({ "a": [inner] }));
    vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(0.1),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1e308),
        json!(""),
        json!(" \t "),
        json!("a\u{0}b"),
        json!("x".repeat(70_000)),
        // Long when it is folded: one character becomes eighteen.
        json!("\u{fdfa}".repeat(240)),
        json!("\u{202e}\u{1f600}\u{301}\u{feff}\u{200d}"),
        json!("a\r\nBcc: b@c.test"),
        json!("9999-12-31T23:59:59.999999+23:59"),
        json!("-262144-01-01"),
        json!("1e400"),
        json!("-0"),
        json!("NaN"),
        json!("<b>{{7*7}}</b>' OR 1=1 --"),
        json!([]),
        json!([null, [], {}]),
        json!({}),
        nested,
    ]
}

/// Values of a field that only a text can write.
pub const TEXTS: [&str; 5] =
    ["1e999", "-1e-999", "123456789012345678901234567890.123456789", "\"\\ud800\"", "NaN"];

/// Media types that a body may claim.
pub const BODY_TYPES: [&str; 5] = [
    "application/json",
    "application/json; charset=utf-16",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/\u{e4}",
];

/// Bodies that are none.
pub const BODIES: [fn() -> Vec<u8>; 11] = [
    Vec::new,
    || b"{".to_vec(),
    || b"null".to_vec(),
    || b"[1, {}]".to_vec(),
    || b"\"x\"".to_vec(),
    || vec![0xff, 0xfe, 0x00],
    || b"\xef\xbb\xbf{}".to_vec(),
    || "[".repeat(100_000).into_bytes(),
    || format!("{}1{}", "{\"a\":".repeat(40), "}".repeat(40)).into_bytes(),
    || format!("{{\"a\": \"{}\"}}", "x".repeat(1_100_000)).into_bytes(),
    || b"a=%ff&b=%00&=&&a[b]=1--x\r\nContent-Disposition: form-data\r\n\r\n--x--".to_vec(),
];

/// Variables of a path.
pub const IN_A_PATH: [Odd; 12] = [
    || "0".to_owned(),
    || "-1".to_owned(),
    || "007".to_owned(),
    || "18446744073709551616".to_owned(),
    || "%00".to_owned(),
    || "%FF%FE".to_owned(),
    || "%2e%2e%2f%2e%2e".to_owned(),
    || "a%23b".to_owned(),
    || "%F0%9F%98%80".to_owned(),
    || "'%20OR%201=1".to_owned(),
    || "a".repeat(1_500),
    || "%EF%B7%BA".repeat(400),
];

/// Parameters of a query.
pub const IN_A_QUERY: [Odd; 12] = [
    String::new,
    || "-1".to_owned(),
    || "0".to_owned(),
    || "99999999999999999999".to_owned(),
    || "1e9".to_owned(),
    || "%00".to_owned(),
    || "%FF%FE%".to_owned(),
    || "%F0%9F%98%80%E2%80%AE".to_owned(),
    || "9999-12-31".to_owned(),
    || "a,b,-c,,".to_owned(),
    || "a".repeat(3_000),
    || "%EF%B7%BA%20".repeat(300),
];
