//! Search by word prefix, over rows that the projector keeps.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use wire::{Fault, Stamp};

use crate::row::from_item;
use crate::{Condition, Denied, Item, Key, Query, Row, Table, Update};

/// How long a removed word keeps its row, so that an old record cannot bring it back.
const REMEMBERED: Duration = Duration::from_hours(48);

/// A number that comes before those of all records of the stream.
const FIRST_RECORD: &str = "0";

/// How many words of a text are looked up; each is a query.
const MOST_WORDS: usize = 6;

/// The longest word kept; a longer one is found by its beginning.
const LONGEST: usize = 40;

/// The words by which a row is found, carried in its item for the projector.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the words of Words are words")]
pub struct Words {
    scope: String,
    id: String,
    words: BTreeSet<String>,
}

impl Words {
    /// The words that an item carries.
    pub fn of(item: &Item) -> Result<Option<Self>, Fault> {
        let words = item.get("found_by").cloned().map(serde_dynamo::from_attribute_value).transpose();
        words.map_err(|error| Fault::bug(format!("the words of a row do not read: {error}")))
    }

    /// The words of the row `id` in a scope such as `IDENTITY#ACCOUNTS`.
    pub fn new(scope: &str, id: &str) -> Self {
        Self { scope: scope.to_owned(), id: id.to_owned(), words: BTreeSet::new() }
    }

    /// Found by each word of a text.
    pub fn text(mut self, text: &str) -> Self {
        self.words.extend(split(text));
        self
    }

    /// Found by a code or an address as a whole, besides its parts.
    pub fn whole(mut self, code: &str) -> Self {
        self.words.insert(shorten(&plain(code.trim())));
        self.text(code)
    }

    /// Found by a telephone number's bare digits, besides its groups.
    pub fn phone(mut self, phone: &str) -> Self {
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        self.words.insert(shorten(&digits));
        self.text(phone)
    }

    /// Whether a search of this scope for these words finds it: what an entry said may have changed since.
    pub fn answer(&self, scope: &str, sought: &BTreeSet<String>) -> bool {
        self.scope == scope && begin_all(&self.words, sought)
    }

    /// The words that this set has and the other lacks.
    fn beyond<'a>(&'a self, other: Option<&'a Words>) -> impl Iterator<Item = &'a str> {
        let known = move |word: &&String| {
            other.is_none_or(|other| {
                other.scope != self.scope || other.id != self.id || !other.words.contains(*word)
            })
        };
        self.words.iter().filter(|word| !word.is_empty()).filter(known).map(String::as_str)
    }
}

/// One word that leads to one row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    scope: String,
    word: String,
    id: String,
    /// The stream's number of the record that says so; an older record never overrules a newer.
    seq: String,
    /// Set when the word left the row.
    #[serde(default)]
    gone: bool,
}

impl Entry {
    fn key_of(scope: &str, word: &str, id: &str) -> Key {
        Key::new(partition(scope, word), format!("{word}#{id}"))
    }
}

impl Row for Entry {
    const KIND: &'static str = "word";

    fn key(&self) -> Key {
        Self::key_of(&self.scope, &self.word, &self.id)
    }
}

/// A scope's words are spread by their first letter.
fn partition(scope: &str, word: &str) -> String {
    let first: String = word.chars().take(1).collect();
    format!("SEARCH#{scope}#{first}")
}

impl Table {
    /// Brings a row's words up to the record `seq`, whose images carry `old` and `new` words.
    ///
    /// Each entry is a keyed put that only a newer record overrules, so replays and disorder change nothing.
    pub async fn index_words(
        &self,
        old: Option<&Words>,
        new: Option<&Words>,
        seq: &str,
        now: Stamp,
    ) -> Result<(), Fault> {
        // Numbers of the stream have up to 40 digits; padded, their texts compare as they do.
        let seq = format!("{seq:0>40}");
        // All of the new words and not only those that were added: what a lost record left out is made up for.
        let added =
            new.into_iter().flat_map(|words| words.beyond(None).map(move |word| (words, word, false)));
        let removed =
            old.into_iter().flat_map(|words| words.beyond(new).map(move |word| (words, word, true)));
        let writes = added.chain(removed).map(|(words, word, gone)| {
            let free = Condition::absent().or(Condition::exists().less("seq", &seq));
            let update = Update::when(Entry::key_of(&words.scope, word, &words.id), free)
                .of_kind(Entry::KIND)
                .set("scope", &words.scope)
                .set("word", word)
                .set("id", &words.id)
                .set("seq", &seq)
                .set("gone", gone);
            let update =
                if gone { update.set("ttl", (now + REMEMBERED).seconds()) } else { update.remove("ttl") };
            self.apply(update, ())
        });
        for written in futures_util::future::join_all(writes).await {
            match written {
                Ok(_) | Err(Denied::Refused(())) => {}
                Err(Denied::Fault(fault)) => return Err(fault),
                Err(other) => return Err(Fault::bug(format!("an index entry was denied: {other:?}"))),
            }
        }
        Ok(())
    }

    /// Writes the entries of a row that are missing, as if the first record ever said so.
    ///
    /// Any other record overrules that one, be it on its way or yet to come: a word that leaves the row meanwhile stays
    /// away. Entries that are there stay as they are, and so does the memory of a word that left lately.
    pub async fn restore_words(&self, words: &Words, now: Stamp) -> Result<(), Fault> {
        self.index_words(None, Some(words), FIRST_RECORD, now).await
    }

    /// The ids of the rows that hold, for each word of the text, a word that begins with it.
    ///
    /// Looks at `budget` entries a word at most; the flag tells whether that was all there is. Ids may lead to rows
    /// that lack a word which was too common to look up whole.
    pub async fn search(
        &self,
        scope: &str,
        text: &str,
        budget: usize,
    ) -> Result<(BTreeSet<String>, bool), Fault> {
        let words = telling(text);
        let finds = words.iter().map(|word| self.with_prefix(scope, word, budget));
        let finds = futures_util::future::try_join_all(finds).await?;
        // A set that was cut says nothing of the ids it lacks: it must not take any away from the others.
        let mut whole = finds.iter().filter(|(_, complete)| *complete).map(|(ids, _)| ids);
        let Some(first) = whole.next() else {
            return Ok((finds.into_iter().next().unwrap_or_default().0, words.is_empty()));
        };
        Ok((whole.fold(first.clone(), |found, ids| found.intersection(ids).cloned().collect()), true))
    }

    async fn with_prefix(
        &self,
        scope: &str,
        word: &str,
        budget: usize,
    ) -> Result<(BTreeSet<String>, bool), Fault> {
        let mut ids = BTreeSet::new();
        let mut left = budget;
        let mut position = None;
        loop {
            let query = Query::partition(partition(scope, word)).prefix(word).limit(left).after(position);
            let batch = self.query(query).await?;
            left -= batch.items.len().min(left);
            for item in batch.items {
                let entry: Entry = from_item(item)?;
                if !entry.gone {
                    ids.insert(entry.id);
                }
            }
            position = batch.next;
            if position.is_none() || left == 0 {
                return Ok((ids, position.is_none()));
            }
        }
    }
}

/// The words that tell most of a text: the longest few. Readers check the rest on the rows themselves.
fn telling(text: &str) -> Vec<String> {
    let mut words: Vec<String> = split(text).into_iter().collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    words.truncate(MOST_WORDS);
    words
}

/// Whether each sought word begins one of these words.
pub(crate) fn begin_all(words: &BTreeSet<String>, sought: &BTreeSet<String>) -> bool {
    let next = |sought: &String| words.range(sought.clone()..).next();
    sought.iter().all(|sought| next(sought).is_some_and(|word| word.starts_with(sought)))
}

/// The words of a text: split at whatever is neither letter nor digit, without case and accents.
pub fn split(text: &str) -> BTreeSet<String> {
    plain(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(shorten).collect()
}

fn plain(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

fn shorten(word: &str) -> String {
    word.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lose_case_and_accents() {
        let words: Vec<String> = split("Élodie O'Brien-Łuk, ＡＢＣ 12").into_iter().collect();
        assert_eq!(words, ["12", "abc", "brien", "elodie", "o", "łuk"]);
    }

    #[test]
    fn codes_are_found_whole_and_phones_by_digits() {
        let words = Words::new("S", "1").whole("MEM-001").phone("+49 (30) 12-34");
        let words: Vec<&str> = words.words.iter().map(String::as_str).collect();
        assert_eq!(words, ["001", "12", "30", "34", "49", "49301234", "mem", "mem-001"]);
    }

    #[test]
    fn only_the_difference_is_written() {
        let old = Words::new("S", "1").text("anna berlin");
        let new = Words::new("S", "1").text("anna bonn");
        assert_eq!(new.beyond(Some(&old)).collect::<Vec<_>>(), ["bonn"]);
        assert_eq!(old.beyond(Some(&new)).collect::<Vec<_>>(), ["berlin"]);
        assert_eq!(new.beyond(None).count(), 2);
    }
}
