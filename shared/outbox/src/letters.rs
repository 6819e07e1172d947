//! The letters there are, each a text and an HTML file in `letters/`.

use std::sync::LazyLock;

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde_json::{Map, Value};
use wire::{Day, Fault, Stamp};

/// Takes the two files of each letter into the program; a function cannot do that.
macro_rules! letters {
    ($($name:literal,)*) => {
        &[$((
            $name,
            include_str!(concat!("../letters/", $name, ".txt")),
            include_str!(concat!("../letters/", $name, ".html")),
        )),*]
    };
}

/// Every letter. A new one is two files and a line here.
const LETTERS: &[(&str, &str, &str)] = letters![
    "identity/welcome",
    "identity/password-reset",
    "identity/password-changed",
    "identity/session-reuse",
    "identity/address-changed",
    "loyalty/welcome",
    "loyalty/redeemed",
    "loyalty/cancelled",
    "loyalty/tier",
    "loyalty/voucher-ends",
    "loyalty/points-expire",
    "prepaid/welcome",
    "prepaid/password-reset",
    "prepaid/password-changed",
    "prepaid/receipt",
    "prepaid/payment-failed",
    "prepaid/gift",
    "prepaid/redeemed",
    "prepaid/expiring",
    "prepaid/refund-requested",
    "prepaid/refund-decided",
];

/// What letters share.
const SHARED: [(&str, &str); 2] = [
    ("footer.txt", include_str!("../letters/footer.txt")),
    ("layout.html", include_str!("../letters/layout.html")),
];

/// The names of all letters.
pub fn names() -> impl Iterator<Item = &'static str> {
    LETTERS.iter().map(|(name, _, _)| *name)
}

/// Renders a part of a letter: its `subject`, `txt` or `html`.
pub(crate) fn render(letter: &str, part: &str, values: &Map<String, Value>) -> Result<String, Fault> {
    static TEMPLATES: LazyLock<Environment<'static>> =
        LazyLock::new(|| templates().expect("a test renders every letter"));
    let template = TEMPLATES.get_template(&format!("{letter}.{part}")).map_err(Fault::bug)?;
    template.render(Serde(values)).map_err(Fault::bug)
}

/// Values go into `.html` escaped and into the others as they are.
fn templates() -> Result<Environment<'static>, minijinja::Error> {
    let mut templates = Environment::new();
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    templates.add_filter("moment", moment);
    templates.add_filter("day", day);
    for (name, source) in SHARED {
        templates.add_template(name, source)?;
    }
    for (name, text, html) in LETTERS {
        // Subject and text are templates of their own, so that no value can end the one and begin the other.
        let (subject, text) = text.split_once("\n\n").unwrap_or_default();
        let subject = subject.strip_prefix("Subject: ").unwrap_or_default();
        templates.add_template_owned(format!("{name}.subject"), subject)?;
        templates.add_template_owned(format!("{name}.txt"), text)?;
        templates.add_template_owned(format!("{name}.html"), *html)?;
    }
    Ok(templates)
}

/// An instant as people write it.
fn moment(at: &str) -> String {
    let Some(stamp) = Stamp::parse(at) else { return at.to_owned() };
    let minutes = stamp.seconds().rem_euclid(86_400) / 60;
    format!("{} at {:02}:{:02} UTC", written(stamp.day()), minutes / 60, minutes % 60)
}

/// A day as people write it.
fn day(text: &str) -> String {
    Day::parse(text).map_or_else(|| text.to_owned(), written)
}

fn written(day: Day) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let month = usize::try_from(day.month() - 1).ok().and_then(|month| MONTHS.get(month)).unwrap_or(&"");
    format!("{} {month} {}", day.of_month(), day.year())
}
