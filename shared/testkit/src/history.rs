//! What clients asked for and saw, side by side; and whether some legal order of it all explains it.
//!
//! A [`History`] writes down every call with its begin and end. Afterwards [`History::of`] tells it in the terms of a
//! checker, of which none knows what the calls did: what nobody was told the outcome of may have happened or not.

mod bank;
mod counter;
#[cfg(test)]
mod legal;
mod order;
mod set;
mod winner;

pub use bank::conserved;
pub use counter::{ANY, counter};
pub use order::{given_once, only_rises};
pub use set::set;
pub use winner::one_winner;

use std::ops::RangeInclusive;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::task::JoinHandle;

use crate::Answer;

/// What came of a call, as far as whoever made it knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came<S> {
    /// It happened, and this was told.
    Ok(S),
    /// It did not happen, and this was told instead.
    Refused(S),
    /// It happened, or happens yet, or never will.
    Unknown,
}

impl<S> Came<S> {
    /// The same in other terms: those of a success, or those of a refusal.
    pub fn told<T>(self, ok: impl FnOnce(S) -> T, refused: impl FnOnce(S) -> T) -> Came<T> {
        match self {
            Self::Ok(seen) => Came::Ok(ok(seen)),
            Self::Refused(seen) => Came::Refused(refused(seen)),
            Self::Unknown => Came::Unknown,
        }
    }

    /// What was told, whatever came of it.
    pub fn seen(&self) -> Option<&S> {
        match self {
            Self::Ok(seen) | Self::Refused(seen) => Some(seen),
            Self::Unknown => None,
        }
    }
}

/// A call: when it began and ended, what it was, and what came of it.
#[derive(Clone, Debug)]
pub struct Event<C, S> {
    start: u64,
    end: u64,
    call: C,
    came: Came<S>,
}

impl<C, S> Event<C, S> {
    /// A call within this time. What nobody knows the outcome of never ends: it may happen at any time later.
    pub fn new(time: RangeInclusive<u64>, call: C, came: Came<S>) -> Self {
        let end = if matches!(came, Came::Unknown) { u64::MAX } else { *time.end() };
        Self { start: *time.start(), end, call, came }
    }

    /// Whether it was over when the other began.
    fn is_before<D, T>(&self, other: &Event<D, T>) -> bool {
        self.end < other.start
    }

    fn is_ok(&self) -> bool {
        matches!(self.came, Came::Ok(_))
    }

    fn is_unknown(&self) -> bool {
        matches!(self.came, Came::Unknown)
    }
}

/// What clients asked for, side by side. Its time is the order in which calls begin and end.
#[derive(Debug)]
pub struct History<C>(Mutex<Log<C>>);

#[derive(Debug)]
struct Log<C> {
    now: u64,
    events: Vec<Event<C, Answer>>,
    on_their_way: Vec<JoinHandle<Answer>>,
}

impl<C> Default for History<C> {
    fn default() -> Self {
        Self(Mutex::new(Log { now: 0, events: Vec::new(), on_their_way: Vec::new() }))
    }
}

impl<C> History<C> {
    /// Writes down a call with its answer. Busy is all that the platform may be, or out of its time, and then nobody
    /// knows what happened; nor if the client goes away before it is answered.
    pub async fn record(&self, call: C, sent: impl Future<Output = Answer>) -> Answer {
        let place = self.log().begin(call);
        let answer = sent.await;
        self.log().end(place, came(&answer));
        answer
    }

    /// Writes down a call whose client goes away at once: it arrives, whenever that is, but nobody hears what came of it.
    pub fn send_off(&self, call: C, sent: impl Future<Output = Answer> + Send + 'static) {
        let mut log = self.log();
        log.begin(call);
        log.on_their_way.push(tokio::spawn(sent));
    }

    /// Waits until everything that was sent off has arrived.
    pub async fn all_arrive(&self) {
        let on_their_way = std::mem::take(&mut self.log().on_their_way);
        for sent in on_their_way {
            came(&sent.await.expect("a call arrives"));
        }
    }

    /// The history of one thing: of each call that concerns it, what it does to it and what its answer tells of it.
    pub fn of<D, T>(&self, of: impl Fn(&C, Came<&Answer>) -> Option<(D, Came<T>)>) -> Vec<Event<D, T>> {
        let log = self.log();
        let concerns = log.events.iter().filter_map(|event| {
            let came = match &event.came {
                Came::Ok(answer) => Came::Ok(answer),
                Came::Refused(answer) => Came::Refused(answer),
                Came::Unknown => Came::Unknown,
            };
            let (call, came) = of(&event.call, came)?;
            Some(Event::new(event.start..=event.end, call, came))
        });
        concerns.collect()
    }

    /// What was told of calls that happened.
    pub fn told<T>(&self, of: impl Fn(&C, &Answer) -> Option<T>) -> Vec<T> {
        let log = self.log();
        let told = log.events.iter().filter_map(|event| match &event.came {
            Came::Ok(answer) => of(&event.call, answer),
            _ => None,
        });
        told.collect()
    }

    /// How it all came out.
    pub fn census(&self) -> Census {
        let log = self.log();
        let count = |is: fn(&Came<Answer>) -> bool| log.events.iter().filter(|event| is(&event.came)).count();
        let beside = |(number, event): &(usize, &Event<C, Answer>)| {
            let others = log.events[..*number].iter();
            others.rev().any(|other| !other.is_before(event))
        };
        Census {
            ok: count(|came| matches!(came, Came::Ok(_))),
            refused: count(|came| matches!(came, Came::Refused(_))),
            unknown: count(|came| matches!(came, Came::Unknown)),
            side_by_side: log.events.iter().enumerate().filter(beside).count(),
        }
    }

    fn log(&self) -> MutexGuard<'_, Log<C>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an answer says came of its call.
fn came(answer: &Answer) -> Came<Answer> {
    match answer.status.as_u16() {
        200..300 => Came::Ok(answer.clone()),
        400..500 => Came::Refused(answer.clone()),
        502 | 503 => Came::Unknown,
        _ if answer.ran_out_of_time() => Came::Unknown,
        _ => panic!("neither done nor refused nor busy: {answer:?}"),
    }
}

impl<C> Log<C> {
    fn begin(&mut self, call: C) -> usize {
        self.now += 1;
        self.events.push(Event::new(self.now..=self.now, call, Came::Unknown));
        self.events.len() - 1
    }

    fn end(&mut self, place: usize, came: Came<Answer>) {
        self.now += 1;
        let event = &mut self.events[place];
        if !matches!(came, Came::Unknown) {
            (event.end, event.came) = (self.now, came);
        }
    }
}

/// How many calls came out how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Census {
    /// How many happened.
    pub ok: usize,
    /// How many were refused.
    pub refused: usize,
    /// Of how many nobody knows.
    pub unknown: usize,
    /// How many began while another was going on.
    pub side_by_side: usize,
}

impl Census {
    /// Insists that there was something to judge: everything came out in each way, and side by side.
    #[track_caller]
    pub fn tells_something(self) {
        let Self { ok, refused, unknown, side_by_side } = self;
        let least = [ok, refused, unknown, side_by_side].into_iter().min();
        assert!(least > Some(0), "nothing is proved by {self:?}");
    }
}

#[cfg(test)]
mod tests {
    use std::future::{Ready, ready};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use http::{HeaderMap, StatusCode};
    use serde_json::Value;

    use super::*;

    fn answered(status: u16) -> Ready<Answer> {
        let status = StatusCode::from_u16(status).expect("a status");
        ready(Answer { status, headers: HeaderMap::new(), text: String::new(), json: Value::Null })
    }

    #[tokio::test]
    async fn a_history_tells_what_came_of_each_call_and_what_was_beside_it() {
        let history = History::default();
        let both = async {
            let beside = history.record("beside", answered(400));
            beside.await;
            answered(201).await
        };
        history.record("first", both).await;
        history.record("busy", answered(503)).await;
        history.record("last", answered(200)).await;
        let all = history.of(|call, came| Some((*call, came.told(|_| true, |_| false))));
        let [first, beside, busy, last] = &all[..] else { panic!("{all:?}") };
        assert_eq!(
            [&first.came, &beside.came, &busy.came, &last.came],
            [&Came::Ok(true), &Came::Refused(false), &Came::Unknown, &Came::Ok(true)]
        );
        assert!(first.is_before(last) && beside.is_before(last) && first.is_before(busy));
        assert!(!beside.is_before(first) && !first.is_before(beside));
        assert!(!busy.is_before(last), "it may happen yet");
        let census = Census { ok: 2, refused: 1, unknown: 1, side_by_side: 2 };
        assert_eq!(history.census(), census);
        census.tells_something();
    }

    #[tokio::test]
    async fn nobody_knows_what_came_of_a_call_whose_client_went_away() {
        let history = History::default();
        let forever = history.record((), std::future::pending());
        tokio::select! { biased; _ = forever => {}, () = async {} => {} }
        history.record((), answered(404)).await;
        let of = history.of(|(), came| Some(((), came.told(drop, drop))));
        assert_eq!(of[0].came, Came::Unknown);
        assert!(!of[0].is_before(&of[1]));
    }

    #[tokio::test]
    async fn what_is_sent_off_arrives_and_nobody_knows_when() {
        let history = History::default();
        let arrived = Arc::new(AtomicBool::new(false));
        let arrives = arrived.clone();
        history.send_off((), async move {
            arrives.store(true, Ordering::Relaxed);
            answered(200).await
        });
        history.record((), answered(200)).await;
        history.all_arrive().await;
        assert!(arrived.load(Ordering::Relaxed));
        let of = history.of(|(), came| Some(((), came.told(drop, drop))));
        assert_eq!([&of[0].came, &of[1].came], [&Came::Unknown, &Came::Ok(())]);
        assert!(!of[0].is_before(&of[1]));
    }

    #[tokio::test]
    #[should_panic(expected = "neither done nor refused nor busy")]
    async fn a_failure_is_no_answer() {
        History::default().record((), answered(500)).await;
    }

    #[test]
    #[should_panic(expected = "nothing is proved")]
    fn a_history_in_which_nobody_was_refused_proves_little() {
        Census { ok: 9, refused: 0, unknown: 2, side_by_side: 3 }.tells_something();
    }
}
