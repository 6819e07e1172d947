//! Bodies of requests.

use std::error::Error;

use axum::extract::{FromRequest, Request};
use http::header::CONTENT_TYPE;
use http_body_util::LengthLimitError;
use serde_json::{Map, Value};

use crate::input::not_an_object;
use crate::{Field, Input, Problem, Reply, Text};

/// The largest body that is read.
pub const MAX_BODY: usize = 1_048_576;

/// The deepest nesting that is read.
const MAX_DEPTH: usize = 32;

/// A body that is an object, not yet interpreted; an absent one is an empty object.
///
/// Handlers that look something up first take this and read it after, so that a missing id is 404 before a
/// bad body is 400.
/// In a form the last value of a repeated name counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sent(Map<String, Value>);

impl Sent {
    /// A body with these members.
    pub fn of(members: Map<String, Value>) -> Sent {
        Sent(members)
    }

    /// Reads the body as `T`; 400 with every fault at once.
    pub fn read<T: Input>(&self) -> Reply<T> {
        T::read(&self.0).map_err(Problem::fields)
    }

    /// The names that were sent.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether `name` was sent, be it null.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The value sent under `name`; null is a value.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Every member.
    pub fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The id sent under `name`, for a look-up before the body is read; empty, if nothing there can be one.
    pub fn id<const MAX: usize>(&self, name: &str) -> String {
        let id = self.get(name).and_then(|value| Text::<MAX>::read(value).ok());
        id.map(String::from).unwrap_or_default()
    }

    /// Reads the body of a `PATCH`: what is not sent stays as it is stored.
    ///
    /// `stored` is written as a body would have sent it. A null that is sent replaces what is stored.
    pub fn patch<T: Input>(&self, stored: Value) -> Reply<T> {
        self.over(stored, |_| true)
    }

    /// Reads the body of a `PUT`: the same, but what a body must have is not taken from what is stored.
    pub fn put<T: Input>(&self, stored: Value) -> Reply<T> {
        self.over(stored, |name| !T::FIELDS.contains(&(name, true)))
    }

    fn over<T: Input>(&self, stored: Value, stays: impl Fn(&str) -> bool) -> Reply<T> {
        let Value::Object(mut members) = stored else { return self.read() };
        members.retain(|name, _| stays(name));
        members.extend(self.0.clone());
        Sent(members).read()
    }

    /// The same body with `alias` read as `name`; when both were sent, `name` wins.
    pub fn alias(mut self, alias: &str, name: &str) -> Sent {
        if let Some(value) = self.0.remove(alias) {
            self.0.entry(name).or_insert(value);
        }
        self
    }

    /// The same body without `name`, as if it had not been sent.
    pub fn without(mut self, name: &str) -> Sent {
        self.0.remove(name);
        self
    }

    fn parse(media_type: &str, bytes: &[u8]) -> Reply<Sent> {
        if bytes.is_empty() {
            return Ok(Sent::default());
        }
        match media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "application/json" => parse_json(bytes),
            "application/x-www-form-urlencoded" => parse_form(bytes),
            _ => Err(Problem::unsupported_media_type(media_type)),
        }
    }
}

fn parse_json(bytes: &[u8]) -> Reply<Sent> {
    let parse_error =
        |text: &dyn std::fmt::Display| Problem::bad_request(format!("JSON parse error - {text}"));
    let value: Value = serde_json::from_slice(bytes).map_err(|error| parse_error(&error))?;
    if depth_exceeds(&value, MAX_DEPTH) {
        return Err(parse_error(&format!("nested deeper than {MAX_DEPTH} levels")));
    }
    match value {
        Value::Object(members) => Ok(Sent(members)),
        other => Err(Problem::fields(not_an_object(&other))),
    }
}

fn parse_form(bytes: &[u8]) -> Reply<Sent> {
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_bytes(bytes).map_err(|error| Problem::bad_request(error.to_string()))?;
    Ok(Sent(pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect()))
}

fn depth_exceeds(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(|item| depth_exceeds(item, levels - 1)),
        Value::Object(members) => levels == 0 || members.values().any(|item| depth_exceeds(item, levels - 1)),
        _ => false,
    }
}

impl<S: Sync> FromRequest<S> for Sent {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Reply<Sent> {
        let media_type =
            request.headers().get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let media_type = media_type.unwrap_or_default().into_owned();
        let bytes =
            axum::body::to_bytes(request.into_body(), MAX_BODY).await.map_err(|error| unread(&error))?;
        Sent::parse(&media_type, &bytes)
    }
}

fn unread(error: &axum::Error) -> Problem {
    if error.source().is_some_and(<dyn Error>::is::<LengthLimitError>) {
        Problem::too_large()
    } else {
        Problem::bad_request("The request body could not be read.")
    }
}

/// A body read as `T` before the handler runs; 400 with every fault at once.
#[derive(Clone, Debug)]
pub struct Body<T>(pub T);

impl<S: Sync, T: Input> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Reply<Body<T>> {
        Sent::from_request(request, state).await?.read().map(Body)
    }
}
