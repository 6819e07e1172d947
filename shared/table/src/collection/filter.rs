//! Filters of a list.

use std::collections::BTreeSet;

use wire::{Choice, Filters, Money, Stamp};

use super::asked::Wanted;
use crate::search::{begin_all, split};

/// A query parameter that keeps some rows and drops the others.
#[derive(Debug)]
pub struct Filter<R: 'static> {
    name: &'static str,
    about: &'static str,
    kind: Kind<R>,
}

#[derive(Debug)]
enum Kind<R> {
    Text(fn(&R, &str) -> bool),
    TextAt(fn(&R, &str, Stamp) -> bool),
    Choice(
        fn(&mut Filters<'_>, &str) -> Option<&'static str>,
        fn() -> Vec<&'static str>,
        fn(&R, &str) -> bool,
    ),
    ChoiceAt(
        fn(&mut Filters<'_>, &str) -> Option<&'static str>,
        fn() -> Vec<&'static str>,
        fn(&R, &str, Stamp) -> bool,
    ),
    Words(fn(&R) -> Vec<&str>),
    Flag(fn(&R, bool) -> bool),
    FlagAt(fn(&R, bool, Stamp) -> bool),
    Whole(fn(&R, i64) -> bool),
    Money(fn(&R, Money) -> bool),
    From(fn(&R, Stamp) -> bool),
    Until(fn(&R, Stamp) -> bool),
}

/// What the value of a filter looks like.
pub(super) enum Shape {
    Text,
    OneOf(Vec<&'static str>),
    Flag,
    Whole,
    Amount,
    Time,
}

impl<R> Filter<R> {
    /// Keeps by free text.
    pub const fn text(name: &'static str, keep: fn(&R, &str) -> bool) -> Self {
        Self::new(name, Kind::Text(keep))
    }

    /// Keeps by free text, against what the row is at the present time.
    pub const fn text_at(name: &'static str, keep: fn(&R, &str, Stamp) -> bool) -> Self {
        Self::new(name, Kind::TextAt(keep))
    }

    /// Keeps by the wire name of an enum's value.
    pub const fn choice<C: Choice>(name: &'static str, keep: fn(&R, &str) -> bool) -> Self {
        Self::new(name, Kind::Choice(read_choice::<C>, names::<C>, keep))
    }

    /// Keeps by the wire name of an enum's value, which the row has at the present time.
    pub const fn choice_at<C: Choice>(name: &'static str, keep: fn(&R, &str, Stamp) -> bool) -> Self {
        Self::new(name, Kind::ChoiceAt(read_choice::<C>, names::<C>, keep))
    }

    /// Keeps what has, for each word of the value, a word in these texts that begins with it.
    ///
    /// A search for lists that are short enough to be looked through, and that need no words of their own in the table.
    pub const fn words(name: &'static str, texts: fn(&R) -> Vec<&str>) -> Self {
        Self::new(name, Kind::Words(texts))
    }

    /// Keeps by yes or no at the present time.
    pub const fn flag_at(name: &'static str, keep: fn(&R, bool, Stamp) -> bool) -> Self {
        Self::new(name, Kind::FlagAt(keep))
    }

    /// Keeps by yes or no.
    pub const fn flag(name: &'static str, keep: fn(&R, bool) -> bool) -> Self {
        Self::new(name, Kind::Flag(keep))
    }

    /// Keeps by a whole number.
    pub const fn whole(name: &'static str, keep: fn(&R, i64) -> bool) -> Self {
        Self::new(name, Kind::Whole(keep))
    }

    /// Keeps by an amount.
    pub const fn money(name: &'static str, keep: fn(&R, Money) -> bool) -> Self {
        Self::new(name, Kind::Money(keep))
    }

    /// Keeps what is not before an instant; a bare date means its beginning.
    pub const fn from(name: &'static str, keep: fn(&R, Stamp) -> bool) -> Self {
        Self::new(name, Kind::From(keep))
    }

    /// Keeps what is not after an instant; a bare date means its end.
    pub const fn until(name: &'static str, keep: fn(&R, Stamp) -> bool) -> Self {
        Self::new(name, Kind::Until(keep))
    }

    /// With a sentence for the document.
    pub const fn about(mut self, text: &'static str) -> Self {
        self.about = text;
        self
    }

    /// The name of the parameter.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    const fn new(name: &'static str, kind: Kind<R>) -> Self {
        Self { name, about: "", kind }
    }

    pub(super) fn read(&self, filters: &mut Filters<'_>) -> Option<Wanted> {
        match &self.kind {
            Kind::Text(_) | Kind::TextAt(_) | Kind::Words(_) => {
                filters.text(self.name).map(|text| Wanted::Text(text.to_owned()))
            }
            Kind::Choice(read, ..) | Kind::ChoiceAt(read, ..) => {
                read(filters, self.name).map(|name| Wanted::Text(name.to_owned()))
            }
            Kind::Flag(_) | Kind::FlagAt(_) => filters.flag(self.name).map(Wanted::Flag),
            Kind::Whole(_) => filters.whole(self.name).map(Wanted::Whole),
            Kind::Money(_) => filters.money(self.name).map(Wanted::Money),
            Kind::From(_) => filters.from(self.name).map(Wanted::At),
            Kind::Until(_) => filters.until(self.name).map(Wanted::At),
        }
    }

    pub(super) fn keeps(&self, row: &R, wanted: &Wanted, now: Stamp) -> bool {
        match (&self.kind, wanted) {
            (Kind::TextAt(keep) | Kind::ChoiceAt(_, _, keep), Wanted::Text(text)) => keep(row, text, now),
            (Kind::FlagAt(keep), Wanted::Flag(flag)) => keep(row, *flag, now),
            (Kind::Words(texts), Wanted::Text(text)) => has_words(&texts(row), text),
            (Kind::Text(keep) | Kind::Choice(_, _, keep), Wanted::Text(text)) => keep(row, text),
            (Kind::Flag(keep), Wanted::Flag(flag)) => keep(row, *flag),
            (Kind::Whole(keep), Wanted::Whole(number)) => keep(row, *number),
            (Kind::Money(keep), Wanted::Money(amount)) => keep(row, *amount),
            (Kind::From(keep) | Kind::Until(keep), Wanted::At(instant)) => keep(row, *instant),
            _ => unreachable!("a filter is asked with values it read itself"),
        }
    }

    pub(super) fn sentence(&self) -> &'static str {
        self.about
    }

    pub(super) fn shape(&self) -> Shape {
        match &self.kind {
            Kind::Text(_) | Kind::TextAt(_) | Kind::Words(_) => Shape::Text,
            Kind::Choice(_, names, _) | Kind::ChoiceAt(_, names, _) => Shape::OneOf(names()),
            Kind::Flag(_) | Kind::FlagAt(_) => Shape::Flag,
            Kind::Whole(_) => Shape::Whole,
            Kind::Money(_) => Shape::Amount,
            Kind::From(_) | Kind::Until(_) => Shape::Time,
        }
    }
}

/// Whether each word of the sought text begins a word of these texts.
fn has_words(texts: &[&str], sought: &str) -> bool {
    let words: BTreeSet<String> = texts.iter().flat_map(|text| split(text)).collect();
    begin_all(&words, &split(sought))
}

fn read_choice<C: Choice>(filters: &mut Filters<'_>, name: &str) -> Option<&'static str> {
    filters.choice::<C>(name).map(C::as_str)
}

fn names<C: Choice>() -> Vec<&'static str> {
    C::ALL.iter().map(|choice| choice.as_str()).collect()
}
