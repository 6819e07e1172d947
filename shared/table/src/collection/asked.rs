//! What is asked of a collection: whose rows, which filters, which order, which words.

use std::collections::BTreeSet;

use wire::{Choice, Fault, Money, Problem, Query, Reply, Stamp};

use super::order::{self, Ranked};
use super::{Collection, Listing};
use crate::search::split;

/// What a request asks for, as ways and figures see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub(super) of: String,
    pub(super) wants: Vec<Want>,
    pub(super) orders: Vec<Ranked>,
    pub(super) search: Option<Sought>,
    pub(super) now: Stamp,
}

/// A filter and the value it is asked with.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Want {
    /// The filter's place in the collection.
    pub(super) filter: usize,
    pub(super) name: &'static str,
    pub(super) value: Wanted,
}

/// The value of a filter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wanted {
    Text(String),
    Flag(bool),
    Whole(i64),
    Money(Money),
    At(Stamp),
}

/// The text searched for and its words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sought {
    pub(super) text: String,
    pub(super) words: BTreeSet<String>,
}

impl Default for Asked {
    /// Everything.
    fn default() -> Self {
        Self { of: String::new(), wants: Vec::new(), orders: Vec::new(), search: None, now: Stamp::MIN }
    }
}

impl Asked {
    /// Reads a request; all bad values are told together.
    pub(super) fn read<R>(collection: &Collection<R>, listing: &Listing<'_>) -> Reply<Self> {
        let mut wants = Vec::new();
        for (name, value) in &listing.only {
            let query = Query::default().with(name, Some(value));
            let fixed = collection.wants(&query).map_err(Fault::bug)?;
            wants.extend(fixed);
        }
        for want in collection.wants(listing.query)? {
            if !wants.contains(&want) {
                wants.push(want);
            }
        }
        let text = collection.search.as_ref().and_then(|_| listing.query.filled("search"));
        Ok(Self {
            of: listing.of.clone(),
            wants,
            orders: order::asked(listing.query, collection.orders, collection.default_order),
            search: text.map(|text| Sought { text: text.to_owned(), words: split(text) }),
            now: listing.now,
        })
    }

    /// Whose rows: what [`Listing::of`] was given, or nothing.
    pub fn of(&self) -> &str {
        &self.of
    }

    /// The value of a filter by text or choice.
    pub fn text(&self, filter: &str) -> Option<&str> {
        match self.value(filter)? {
            Wanted::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What a filter by choice keeps: the value that is asked for, or every value while none is.
    pub fn choices<C: Choice>(&self, filter: &str) -> impl Iterator<Item = C> + use<'_, C> {
        let asked = self.text(filter);
        C::ALL.iter().copied().filter(move |known| asked.is_none_or(|asked| asked == known.as_str()))
    }

    /// The value of a filter by yes or no.
    pub fn flag(&self, filter: &str) -> Option<bool> {
        match self.value(filter)? {
            Wanted::Flag(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The value of a filter by a whole number.
    pub fn whole(&self, filter: &str) -> Option<i64> {
        match self.value(filter)? {
            Wanted::Whole(number) => Some(*number),
            _ => None,
        }
    }

    /// The value of a filter by an amount.
    pub fn money(&self, filter: &str) -> Option<Money> {
        match self.value(filter)? {
            Wanted::Money(amount) => Some(*amount),
            _ => None,
        }
    }

    /// The value of a filter by an instant.
    pub fn at(&self, filter: &str) -> Option<Stamp> {
        match self.value(filter)? {
            Wanted::At(instant) => Some(*instant),
            _ => None,
        }
    }

    /// Whether nothing but these filters is asked, and no search: what a kept figure can answer.
    pub fn only(&self, filters: &[&str]) -> bool {
        let known = |(place, want): (usize, &Want)| filters.contains(&want.name) && self.is_first(place);
        self.search.is_none() && self.wants.iter().enumerate().all(known)
    }

    /// The query narrowed to what lies between two filters by time, where sort keys begin with an instant and `#`.
    pub fn within(&self, from: &str, until: &str, query: crate::Query) -> crate::Query {
        let (from, until) = self.span(from, until);
        query.between(from, until)
    }

    fn span(&self, from: &str, until: &str) -> (String, String) {
        // `$` follows `#`, so that the end includes every row of its very instant; `~` follows every digit.
        let end = self.at(until).map_or("~".to_owned(), |instant| format!("{instant}$"));
        (self.at(from).map_or(" ".to_owned(), |instant| instant.to_string()), end)
    }

    fn value(&self, filter: &str) -> Option<&Wanted> {
        self.wants.iter().find(|want| want.name == filter).map(|want| &want.value)
    }

    /// Whether no earlier want has the same filter. A key condition can answer only the first.
    pub(super) fn is_first(&self, place: usize) -> bool {
        let name = self.wants[place].name;
        !self.wants[..place].iter().any(|want| want.name == name)
    }
}

impl<R> Collection<R> {
    fn wants(&self, query: &Query) -> Result<Vec<Want>, Problem> {
        let mut filters = query.filters();
        let mut wants = Vec::new();
        for (place, filter) in self.filters.iter().enumerate() {
            if let Some(value) = filter.read(&mut filters) {
                wants.push(Want { filter: place, name: filter.name(), value });
            }
        }
        filters.done()?;
        Ok(wants)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(name: &'static str, time: &str) -> Want {
        Want { filter: 0, name, value: Wanted::At(Stamp::parse(time).unwrap()) }
    }

    #[test]
    fn spans_include_both_ends_and_may_be_open() {
        let wants = vec![at("from", "2026-03-01T00:00:00Z"), at("until", "2026-03-02T00:00:00Z")];
        let (from, until) = Asked { wants, ..Asked::default() }.span("from", "until");
        let keys = ["2026-03-01T00:00:00.000000Z#a", "2026-03-02T00:00:00.000000Z#z"];
        assert!(keys.iter().all(|key| (from.as_str()..=until.as_str()).contains(key)));
        assert!(!(from.as_str()..=until.as_str()).contains(&"2026-03-02T00:00:00.000001Z#a"));
        let (from, until) = Asked::default().span("from", "until");
        assert!(keys.iter().all(|key| (from.as_str()..=until.as_str()).contains(key)));
    }

    #[test]
    fn a_figure_counts_one_value_of_a_filter_and_no_search() {
        let asked = Asked { wants: vec![at("from", "2026-03-01T00:00:00Z")], ..Asked::default() };
        assert!(asked.only(&["from", "status"]) && !asked.only(&["status"]) && Asked::default().only(&[]));
        let twice = Asked { wants: [&asked.wants[..], &asked.wants].concat(), ..Asked::default() };
        assert!(!twice.only(&["from"]));
        let search = Some(Sought { text: "a".to_owned(), words: split("a") });
        assert!(!Asked { search, ..asked }.only(&["from"]));
    }
}
