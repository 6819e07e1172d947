//! Cursors: where a page ends, carried by the client and sealed to its question.

use serde::{Deserialize, Serialize};

use super::count::Counted;
use crate::Seal;

/// Positions in the partitions of a list, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark(pub(super) Vec<Option<Spot>>);

/// A position in one partition: the sort key and, in an index, the item's own key; just the id in a search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Spot(pub(super) Vec<String>);

impl Mark {
    /// The sort key of the furthest position: what stands before it was passed in every partition.
    pub(super) fn furthest(&self, descending: bool) -> Option<&str> {
        let keys = self.0.iter().flatten().filter_map(|spot| spot.0.first()).map(String::as_str);
        if descending { keys.min() } else { keys.max() }
    }
}

/// What a page's links carry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// The number of the way it was made on.
    pub(super) way: usize,
    /// Reads from the mark towards the beginning.
    #[serde(default)]
    pub(super) back: bool,
    /// Where to go on, in a list read in its order.
    pub(super) mark: Option<Mark>,
    /// How many rows to pass over, in a list sorted in memory.
    #[serde(default)]
    pub(super) skip: usize,
    /// What was counted at the first page, unless a kept figure says it.
    pub(super) count: Option<Counted>,
}

impl Cursor {
    /// The text for a link.
    pub(super) fn close(&self, seal: &Seal, purpose: &str) -> String {
        let text = serde_json::to_vec(self).expect("a cursor is made of plain values");
        seal.close(&text, purpose)
    }

    /// Reads back what [`Cursor::close`] wrote for the same purpose; anything else is `None`.
    pub(super) fn open(text: &str, seal: &Seal, purpose: &str) -> Option<Self> {
        serde_json::from_slice(&seal.open(text, purpose)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Listing;
    use wire::{Links, Query};

    fn purpose(query: &str, caller: &str, of: &str) -> String {
        let request = http::Request::builder().uri("http://shop.test/api/x").body(()).unwrap();
        let (parts, ()) = request.into_parts();
        Listing::new(&Query::parse(query), &Links::of(&parts), caller).of(of).purpose("test/rows")
    }

    #[test]
    fn a_cursor_opens_for_the_same_question_only() {
        let seal = Seal::new(&[3; 32]);
        let cursor =
            Cursor { mark: Some(Mark(vec![Some(Spot(vec!["k".into()])), None])), ..Cursor::default() };
        let text = cursor.close(&seal, &purpose("status=a&ordering=b", "u1", "t1"));
        let open = |query, caller, of| Cursor::open(&text, &seal, &purpose(query, caller, of));
        assert_eq!(open("page_size=7&ordering=b&status=a&cursor=x&page=2", "u1", "t1"), Some(cursor.clone()));
        for (query, caller, of) in [
            ("status=b&ordering=b", "u1", "t1"),
            ("status=a", "u1", "t1"),
            ("status=a&ordering=b", "u2", "t1"),
            ("status=a&ordering=b", "u1", "t2"),
        ] {
            assert_eq!(open(query, caller, of), None, "{query} {caller} {of}");
        }
    }

    #[test]
    fn the_furthest_position_goes_with_the_direction() {
        let spot = |key: &str| Some(Spot(vec![key.to_owned()]));
        let mark = Mark(vec![spot("b"), None, spot("d")]);
        assert_eq!(mark.furthest(false), Some("d"));
        assert_eq!(mark.furthest(true), Some("b"));
        assert_eq!(Mark(vec![None]).furthest(true), None);
    }
}
