//! The query of a request, and the filters in it.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::number::whole_number;
use crate::{Choice, Field, FieldErrors, Money, Problem, Reply, Stamp};

/// The pairs of a query, in the order they were sent; a dangling `&` or a second `?` does no harm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads what follows the `?` of an address.
    pub fn parse(text: &str) -> Query {
        let pairs = serde_urlencoded::from_str(text.trim_start_matches(['?', '&']));
        Query(pairs.unwrap_or_default())
    }

    /// The last value sent under `name`, as Django reads it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Like [`Query::get`], trimmed; a blank value counts as none.
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// Every value sent under `name`.
    pub fn all<'q>(&'q self, name: &'q str) -> impl Iterator<Item = &'q str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every pair.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// The comma-separated parts of `name`, such as `ordering=-points,name`.
    pub fn list<'q>(&'q self, name: &str) -> impl Iterator<Item = &'q str> {
        self.get(name).unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty())
    }

    /// This query with `name` set to `value` in the place of its first pair, or removed.
    pub fn with(&self, name: &str, value: Option<&str>) -> Query {
        let mut value = value.map(|value| (name.to_owned(), value.to_owned()));
        let mut pairs = Vec::with_capacity(self.0.len() + 1);
        for pair in &self.0 {
            if pair.0 == name { pairs.extend(value.take()) } else { pairs.push(pair.clone()) }
        }
        pairs.extend(value);
        Query(pairs)
    }

    /// The text that follows the `?`.
    pub fn encoded(&self) -> String {
        serde_urlencoded::to_string(&self.0).expect("pairs of texts can always be encoded")
    }

    /// A reader of filters that notes every bad value.
    pub fn filters(&self) -> Filters<'_> {
        Filters { query: self, errors: FieldErrors::new() }
    }
}

fn held(number: i128) -> i64 {
    let bound = if number < 0 { i64::MIN } else { i64::MAX };
    i64::try_from(number).unwrap_or(bound)
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Query::parse(parts.uri.query().unwrap_or_default()))
    }
}

/// Reads the filters of a list; a blank filter counts as not sent.
#[must_use = "a bad value is answered only by `done`"]
#[derive(Debug)]
pub struct Filters<'q> {
    query: &'q Query,
    errors: FieldErrors,
}

impl<'q> Filters<'q> {
    /// A filter of free text.
    pub fn text(&mut self, name: &str) -> Option<&'q str> {
        self.query.filled(name)
    }

    /// A filter by one of an enum's values.
    pub fn choice<C: Choice>(&mut self, name: &str) -> Option<C> {
        self.read(name, C::named, |value| {
            format!("Select a valid choice. {value} is not one of the available choices.")
        })
    }

    /// A filter by yes or no, in any form DRF knows.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        self.read(
            name,
            |value| bool::read(&value.into()).ok(),
            |value| format!("Select a valid choice. {value} is not one of the available choices."),
        )
    }

    /// A filter by a whole number; one that nothing can reach becomes the last that can be held.
    pub fn whole(&mut self, name: &str) -> Option<i64> {
        self.read(name, |value| whole_number(value).map(held), |_| "Enter a number.".to_owned())
    }

    /// A filter by an amount.
    pub fn money(&mut self, name: &str) -> Option<Money> {
        self.read(name, |value| value.parse().ok(), |_| "Enter a number.".to_owned())
    }

    /// The first instant wanted; a bare date means its beginning.
    pub fn from(&mut self, name: &str) -> Option<Stamp> {
        self.read(name, Stamp::parse_from, |_| "Enter a valid date/time.".to_owned())
    }

    /// The last instant wanted; a bare date means its end.
    pub fn until(&mut self, name: &str) -> Option<Stamp> {
        self.read(name, Stamp::parse_to, |_| "Enter a valid date/time.".to_owned())
    }

    /// Refuses the request if any value was bad.
    pub fn done(self) -> Reply<()> {
        self.errors.or(()).map_err(Problem::fields)
    }

    fn read<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Option<T>,
        refusal: impl FnOnce(&str) -> String,
    ) -> Option<T> {
        let value = self.query.filled(name)?;
        let read = read(value);
        if read.is_none() {
            self.errors.add(name, refusal(value));
        }
        read
    }
}
