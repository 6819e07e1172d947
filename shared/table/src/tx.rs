//! A write of several rows, as data.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;
use wire::{Fault, Problem, Stamp};

use crate::once::Answered;
use crate::row::to_item;
use crate::{Condition, Counts, Item, Key, Row, Tallies, Update};

/// Steps that happen together or not at all, each with the refusal that its failed condition means.
///
/// At most 100 steps and 4 MB, and never two steps on one item. Data, not closures: tests compare it and
/// [`Table::commit`](crate::Table::commit) may send it more than once.
#[derive(Clone, Debug, PartialEq)]
pub struct Tx<R> {
    pub(crate) steps: Vec<Step<R>>,
    pub(crate) told: Vec<Message>,
    pub(crate) tallies: Tallies,
    pub(crate) answered: Option<Answered>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step<R> {
    pub(crate) write: Write,
    pub(crate) otherwise: Otherwise<R>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Write {
    Put { item: Item, condition: Condition },
    Update(Update),
    Delete { key: Key, condition: Condition },
    Check { key: Key, condition: Condition },
}

/// What a failed condition means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Otherwise<R> {
    Refused(R),
    Stale,
}

impl<R> Default for Tx<R> {
    fn default() -> Self {
        Self { steps: Vec::new(), told: Vec::new(), tallies: Tallies::default(), answered: None }
    }
}

impl<R> Tx<R> {
    /// No steps yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a new row; `taken` when its key is in use.
    pub fn insert<T: Row>(self, row: &T, taken: R) -> Self {
        let write = Write::Put { item: to_item(row), condition: Condition::absent() };
        self.step(write, Otherwise::Refused(taken))
    }

    /// Puts a new row whose key follows from what was judged, such as the next number of a series. If it is in use, the
    /// decision is stale.
    pub fn append<T: Row>(self, row: &T) -> Self {
        let write = Write::Put { item: to_item(row), condition: Condition::absent() };
        self.step(write, Otherwise::Stale)
    }

    /// Changes a row from what was read to what was decided.
    ///
    /// If it changed meanwhile, in what this changes or in an attribute named in `watching`, the decision is
    /// stale: [`again`](crate::again) reads and judges anew.
    pub fn change<T: Row>(self, before: &T, after: &T, watching: &[&str]) -> Self {
        let update = Update::between(before, after, watching);
        // Where nothing differs nothing is written, but what was judged must still be so.
        let write = if update.is_empty() {
            Write::Check { key: update.key, condition: update.condition }
        } else {
            Write::Update(update)
        };
        self.step(write, Otherwise::Stale)
    }

    /// Changes named attributes, provided that the update's condition holds.
    pub fn update(self, update: Update, refused: R) -> Self {
        self.step(Write::Update(update), Otherwise::Refused(refused))
    }

    /// Changes named attributes; if the update's condition does not hold any more, the decision is stale.
    pub fn amend(self, update: Update) -> Self {
        self.step(Write::Update(update), Otherwise::Stale)
    }

    /// Takes from a number that must not fall below zero.
    pub fn take(self, key: Key, name: &str, amount: i64, short: R) -> Self {
        self.update(Update::when(key, Condition::exists().at_least(name, amount)).add(name, -amount), short)
    }

    /// Removes an item; if the condition does not hold any more, the decision is stale.
    pub fn remove(self, key: Key, condition: Condition) -> Self {
        self.step(Write::Delete { key, condition }, Otherwise::Stale)
    }

    /// Removes an item, provided that `condition` holds.
    pub fn delete(self, key: Key, condition: Condition, refused: R) -> Self {
        self.step(Write::Delete { key, condition }, Otherwise::Refused(refused))
    }

    /// Writes nothing, but insists on a condition.
    pub fn check(self, key: Key, condition: Condition, refused: R) -> Self {
        self.step(Write::Check { key, condition }, Otherwise::Refused(refused))
    }

    /// Adds to the kept figures of a scope, or of a day of it: see [`of_day`](crate::of_day).
    pub fn tally<N: AsRef<str>>(mut self, scope: &str, deltas: impl IntoIterator<Item = (N, i64)>) -> Self {
        // One step a scope, however often it is named: two might draw the same row.
        self.tallies.add(scope, deltas);
        self
    }

    /// Adds to the kept figures of several scopes.
    pub fn tallies(mut self, tallies: Tallies) -> Self {
        self.tallies.join(tallies);
        self
    }

    /// Moves the figures from what a row counted, if there was one, to what it counts.
    pub fn moved<C: Counts>(self, before: Option<&C>, after: &C) -> Self {
        let counted = before.map(|before| before.counts().negated());
        counted.into_iter().fold(self, Self::tallies).tallies(after.counts())
    }

    /// And all that another does, in the same write. The answer to keep is this one's.
    pub fn and(mut self, other: Self) -> Self {
        self.steps.extend(other.steps);
        self.told.extend(other.told);
        self.tallies(other.tallies)
    }

    /// Promises a message: it is sent if, and only if, these steps happen.
    pub fn tell(mut self, message: Message) -> Self {
        self.told.push(message);
        self
    }

    /// Keeps the answer for a repeat of the request with the same idempotency key, if it came with one.
    pub fn answering(mut self, answered: Option<Answered>) -> Self {
        self.answered = answered;
        self
    }

    fn step(mut self, write: Write, otherwise: Otherwise<R>) -> Self {
        self.steps.push(Step { write, otherwise });
        self
    }
}

/// Something to be told to a queue, once the write that promises it happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The message's identity; receivers that saw it do nothing.
    pub id: String,
    /// The context that tells.
    pub from: String,
    /// The queue: `mail`, or a context.
    pub to: String,
    /// When it was told.
    pub at: Stamp,
    /// What is told.
    pub body: Value,
}

impl Message {
    /// A message with an identity of its own.
    pub fn new(from: &str, to: &str, body: Value, at: Stamp) -> Self {
        Self { id: Uuid::now_v7().to_string(), from: from.to_owned(), to: to.to_owned(), at, body }
    }
}

/// Why a write did not happen.
#[derive(Debug)]
pub enum Denied<R> {
    /// A step's condition failed.
    Refused(R),
    /// What was judged changed meanwhile.
    Stale,
    /// The request is a repeat: here is the first answer, or why the key does not fit.
    Repeated(Problem),
    /// We could not.
    Fault(Fault),
}

impl<R> Denied<R> {
    /// The same with the refusal in other words.
    pub fn map<S>(self, words: impl FnOnce(R) -> S) -> Denied<S> {
        match self {
            Self::Refused(refusal) => Denied::Refused(words(refusal)),
            Self::Stale => Denied::Stale,
            Self::Repeated(answer) => Denied::Repeated(answer),
            Self::Fault(fault) => Denied::Fault(fault),
        }
    }
}

impl<R: Into<Problem>> Denied<R> {
    /// The same with the refusal as it is told.
    pub fn worded(self) -> Denied<Problem> {
        self.map(Into::into)
    }
}

/// What became of a job that may find its work done already.
pub fn settled<R>(done: Result<(), Denied<R>>) -> Result<(), Fault> {
    match done {
        Ok(()) | Err(Denied::Refused(_)) => Ok(()),
        Err(Denied::Stale) => Err(Fault::busy("a row kept changing under the job")),
        Err(Denied::Repeated(_)) => Err(Fault::bug("a job has no idempotency key")),
        Err(Denied::Fault(fault)) => Err(fault),
    }
}

impl From<Problem> for Denied<Problem> {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

impl<R> From<Fault> for Denied<R> {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl<R: Into<Problem>> From<Denied<R>> for Problem {
    fn from(denied: Denied<R>) -> Self {
        match denied {
            Denied::Refused(refusal) => refusal.into(),
            Denied::Stale => Fault::busy("a row kept changing under the decision").into(),
            Denied::Repeated(answer) => answer,
            Denied::Fault(fault) => fault.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Shelf {
        books: u32,
    }

    impl Row for Shelf {
        const KIND: &'static str = "shelf";

        fn key(&self) -> Key {
            Key::new("SHELF#1", "SHELF")
        }
    }

    #[test]
    fn a_change_of_nothing_only_checks() {
        let tx = |books| Tx::<()>::new().change(&Shelf { books: 3 }, &Shelf { books }, &["books"]);
        assert!(
            matches!(&tx(3).steps[0].write, Write::Check { condition, .. } if *condition == Condition::exists().is("books", 3))
        );
        assert!(matches!(&tx(4).steps[0].write, Write::Update(_)));
    }
}
