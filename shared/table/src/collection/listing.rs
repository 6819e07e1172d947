//! What comes with a request for a list.

use wire::{Links, Query, Stamp};

/// A request for one caller's view of a collection.
#[derive(Clone, Debug)]
pub struct Listing<'a> {
    pub(super) query: &'a Query,
    pub(super) links: &'a Links,
    pub(super) caller: String,
    pub(super) of: String,
    pub(super) only: Vec<(&'static str, String)>,
    pub(super) now: Stamp,
}

impl<'a> Listing<'a> {
    /// What `caller` asks for; a cursor given to one caller opens for no other.
    pub fn new(query: &'a Query, links: &'a Links, caller: &(impl ToString + ?Sized)) -> Self {
        let (caller, of) = (caller.to_string(), String::new());
        Self { query, links, caller, of, only: Vec::new(), now: Stamp::MIN }
    }

    /// Only what belongs to `owner`: a tenant, a member. Ways and figures read it from [`Asked::of`].
    ///
    /// [`Asked::of`]: crate::Asked::of
    pub fn of(mut self, owner: &(impl ToString + ?Sized)) -> Self {
        self.of = owner.to_string();
        self
    }

    /// As of this instant, for filters that judge by the time.
    pub fn at(mut self, now: Stamp) -> Self {
        self.now = now;
        self
    }

    /// Only rows that a filter keeps with this value, whatever else the client asks for.
    pub fn only(mut self, filter: &'static str, value: impl Into<String>) -> Self {
        self.only.push((filter, value.into()));
        self
    }

    /// What a cursor of the collection `name` is sealed to: all but the place within the list.
    pub(super) fn purpose(&self, name: &str) -> String {
        let place = ["cursor", "page", "page_size"];
        let mut pairs: Vec<_> =
            self.query.pairs().iter().filter(|(name, _)| !place.contains(&name.as_str())).collect();
        pairs.sort_by_key(|(name, _)| name.as_str());
        serde_json::json!([name, self.caller, self.of, self.only, pairs]).to_string()
    }
}
