//! Texts in bodies, each with its rule.

use std::fmt;
use std::marker::PhantomData;
use std::net::Ipv4Addr;
use std::ops::Deref;

use serde::{Serialize, Serializer};
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use utoipa::openapi::schema::{ObjectBuilder, Schema};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};

use crate::{Field, Messages, schema};

/// What a text must be to be accepted.
pub trait Rule {
    /// The most characters it may have.
    const MAX: usize;

    /// Whether it may be empty.
    const BLANK: bool = false;

    /// What is wrong with the trimmed text, apart from its length.
    fn fault(_text: &str) -> Option<&'static str> {
        None
    }

    /// Adds to the schema of a text what this rule demands.
    fn describe(schema: ObjectBuilder) -> ObjectBuilder {
        schema
    }
}

/// A trimmed text that keeps the rule `R`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Checked<R>(String, PhantomData<R>);

/// A text that is not blank, of at most `MAX` characters.
pub type Text<const MAX: usize> = Checked<Filled<MAX>>;

/// A text that may be blank, of at most `MAX` characters.
pub type Prose<const MAX: usize> = Checked<Free<MAX>>;

/// An e-mail address as it was given.
pub type Email = Checked<Address>;

/// A user name as it was given.
pub type Username = Checked<UserName>;

/// A telephone number as it was given.
pub type Phone = Checked<Digits>;

/// An address of the web as it was given, or nothing.
pub type WebAddress<const MAX: usize> = Checked<Web<MAX>>;

/// The rule of [`Text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Filled<const MAX: usize>;

/// The rule of [`Prose`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Free<const MAX: usize>;

/// The rule of [`WebAddress`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Web<const MAX: usize>;

/// The rule of [`Email`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Address;

/// The rule of [`Username`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UserName;

/// The rule of [`Phone`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digits;

impl<const MAX: usize> Rule for Filled<MAX> {
    const MAX: usize = MAX;

    fn describe(schema: ObjectBuilder) -> ObjectBuilder {
        schema.pattern(Some(r"\S"))
    }
}

impl<const MAX: usize> Rule for Free<MAX> {
    const MAX: usize = MAX;
    const BLANK: bool = true;
}

impl<const MAX: usize> Rule for Web<MAX> {
    const MAX: usize = MAX;
    const BLANK: bool = true;

    fn fault(text: &str) -> Option<&'static str> {
        (!is_web_address(text)).then_some("Enter a valid URL.")
    }

    fn describe(schema: ObjectBuilder) -> ObjectBuilder {
        schema.format(Some(SchemaFormat::Custom("uri".to_owned())))
    }
}

impl Rule for Address {
    const MAX: usize = 254;

    fn fault(text: &str) -> Option<&'static str> {
        (!is_email(text) || is_long_folded(text, Self::MAX)).then_some("Enter a valid email address.")
    }

    fn describe(schema: ObjectBuilder) -> ObjectBuilder {
        schema.format(Some(SchemaFormat::KnownFormat(KnownFormat::Email)))
    }
}

impl Rule for UserName {
    const MAX: usize = 150;

    fn fault(text: &str) -> Option<&'static str> {
        let allowed = |c: char| c.is_alphanumeric() || "_@.+-".contains(c);
        (!text.chars().all(allowed) || is_long_folded(text, Self::MAX)).then_some(
            "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.",
        )
    }

    fn describe(schema: ObjectBuilder) -> ObjectBuilder {
        schema.pattern(Some(r"^[\p{L}\p{N}_@.+-]+$"))
    }
}

impl Rule for Digits {
    const MAX: usize = 50;

    fn fault(text: &str) -> Option<&'static str> {
        let allowed = |c: char| c.is_ascii_digit() || c.is_whitespace() || "+-()".contains(c);
        (!text.chars().all(allowed)).then_some("Phone number must contain only digits, spaces, +, -, (, )")
    }

    fn describe(schema: ObjectBuilder) -> ObjectBuilder {
        schema.pattern(Some(r"^\s*[0-9+\-()][0-9\s+\-()]*$"))
    }
}

impl<R: Rule> Checked<R> {
    /// Trims the text and checks it.
    pub fn parse(text: &str) -> Result<Self, Messages> {
        let text = text.trim();
        if text.is_empty() {
            return if R::BLANK { Ok(Checked(String::new(), PhantomData)) } else { Err(blank()) };
        }
        let mut faults = Vec::new();
        faults.extend(too_long(text, R::MAX));
        faults.extend(R::fault(text).map(str::to_owned));
        faults.extend(has_null(text));
        if faults.is_empty() { Ok(Checked(text.to_owned(), PhantomData)) } else { Err(faults.into()) }
    }
}

impl<R> Checked<R> {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text in the form by which it is compared and found.
    pub fn folded(&self) -> String {
        folded(&self.0)
    }
}

impl<const MAX: usize> Default for Prose<MAX> {
    fn default() -> Self {
        Checked(String::new(), PhantomData)
    }
}

impl<R> Deref for Checked<R> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<R> From<Checked<R>> for String {
    fn from(text: Checked<R>) -> Self {
        text.0
    }
}

impl<R> fmt::Display for Checked<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<R> fmt::Debug for Checked<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<R> Serialize for Checked<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<R: Rule> Field for Checked<R> {
    fn read(value: &Value) -> Result<Self, Messages> {
        Self::parse(&text_of(value)?)
    }

    fn schema() -> RefOr<Schema> {
        let least = (!R::BLANK).then_some(1);
        R::describe(schema::string().min_length(least).max_length(Some(R::MAX))).into()
    }
}

/// Whether a text of fair length grows beyond the limit where it is compared: one letter may fold into many.
fn is_long_folded(text: &str, limit: usize) -> bool {
    text.chars().count() <= limit && folded(text).chars().count() > limit
}

/// A password as it was given: never trimmed, never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    const MAX: usize = 128;

    /// The password itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Field for Secret {
    fn read(value: &Value) -> Result<Self, Messages> {
        let text = text_of(value)?;
        if text.is_empty() {
            return Err(blank());
        }
        let faults: Vec<String> = too_long(&text, Self::MAX).into_iter().chain(has_null(&text)).collect();
        if faults.is_empty() { Ok(Secret(text)) } else { Err(faults.into()) }
    }

    fn schema() -> RefOr<Schema> {
        schema::formatted("password").write_only(true).min_length(Some(1)).max_length(Some(Self::MAX)).into()
    }
}

/// Texts are taken as they are and numbers as they are written; nothing else is a text.
fn text_of(value: &Value) -> Result<String, Messages> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err("Not a valid string.".into()),
    }
}

fn blank() -> Messages {
    "This field may not be blank.".into()
}

fn too_long(text: &str, max: usize) -> Option<String> {
    let excess = text.chars().nth(max).is_some();
    excess.then(|| format!("Ensure this field has no more than {max} characters."))
}

fn has_null(text: &str) -> Option<String> {
    text.contains('\0').then(|| "Null characters are not allowed.".to_owned())
}

/// The form in which two texts that read alike are equal: trimmed, NFKC, lower case.
pub fn folded(text: &str) -> String {
    // Lower case may open new compositions and NFKC new blanks at the ends, so both come once more.
    let lower: String = text.nfkc().flat_map(char::to_lowercase).nfkc().collect();
    lower.trim().to_owned()
}

/// Django's rule, less quoted local parts and address literals.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let atom = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c))
    };
    local.split('.').all(atom) && is_domain(domain)
}

/// `http` or `https`, and a host that others can reach by it. Whoever shows it as a link shows nothing else.
fn is_web_address(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = host.split_once(':').map_or((host, None), |(host, port)| (host, Some(port)));
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>\"'\\`".contains(c);
    ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
        && (is_domain(host) || host.parse::<Ipv4Addr>().is_ok())
        && port.is_none_or(|port| port.parse::<u16>().is_ok())
        && !text.contains(odd)
}

/// Labels of letters, digits and inner hyphens; international ones too.
fn is_domain(domain: &str) -> bool {
    let label = |part: &str| {
        (1..=63).contains(&part.chars().count())
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    match domain.rsplit_once('.') {
        Some((rest, top)) => rest.split('.').all(label) && label(top) && top.chars().count() >= 2,
        None => domain.eq_ignore_ascii_case("localhost"),
    }
}
