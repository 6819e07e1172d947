//! Instants, days and the clock that everything asks for the time.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::time::Duration;

use jiff::civil::{Date, Time};
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

/// Microseconds in a day.
const DAY: i64 = 86_400 * SECOND;

/// The day that instants are counted from.
const EPOCH: Day = Day(jiff::civil::date(1970, 1, 1));

/// An instant in UTC, exact to the microsecond.
///
/// Always within the years 0000 to 9999, so that the order of the texts is the order of the instants.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(i64);

impl Stamp {
    /// The earliest instant that has a text.
    pub const MIN: Stamp = Stamp(-62_167_219_200_000_000);
    /// The latest instant that has a text.
    pub const MAX: Stamp = Stamp(253_402_300_799_999_999);

    /// The instant so many microseconds after the epoch, held within [`Stamp::MIN`] and [`Stamp::MAX`].
    pub const fn from_micros(micros: i64) -> Stamp {
        if micros < Self::MIN.0 {
            Self::MIN
        } else if micros > Self::MAX.0 {
            Self::MAX
        } else {
            Stamp(micros)
        }
    }

    /// The instant so many whole seconds after the epoch.
    pub const fn from_seconds(seconds: i64) -> Stamp {
        Self::from_micros(seconds.saturating_mul(SECOND))
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }

    /// The UTC day this instant falls on.
    pub fn day(self) -> Day {
        EPOCH.plus_days(self.0.div_euclid(DAY))
    }

    /// The time that passed since `earlier`; zero when `earlier` is in fact later.
    pub fn since(self, earlier: Stamp) -> Duration {
        Duration::from_micros(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }

    /// Reads an ISO 8601 date and time; without an offset it is UTC, and a bare date is refused.
    pub fn parse(text: &str) -> Option<Stamp> {
        let text = restore_plus(text.trim());
        let pieces = Pieces::parse(&text).ok()?;
        if pieces.time_zone_annotation().is_some() {
            return None;
        }
        let since_midnight = pieces.time()?.duration_since(Time::midnight());
        let offset = pieces.to_numeric_offset().map_or(0, Offset::seconds);
        let midnight = Day(pieces.date()).first_micros();
        let since_midnight = i64::try_from(since_midnight.as_micros()).ok()?;
        let stamp = Stamp(midnight + since_midnight - i64::from(offset) * SECOND);
        (Self::MIN..=Self::MAX).contains(&stamp).then_some(stamp)
    }

    /// Reads the lower bound of a range: a bare date means its first instant.
    pub fn parse_from(text: &str) -> Option<Stamp> {
        Self::parse(text).or_else(|| Day::parse(text).map(Day::first_instant))
    }

    /// Reads the upper, inclusive bound of a range: a bare date means its last instant.
    pub fn parse_to(text: &str) -> Option<Stamp> {
        Self::parse(text).or_else(|| Day::parse(text).map(Day::last_instant))
    }
}

/// A `+` that a client forgot to escape in a query arrives as a blank before the offset.
fn restore_plus(text: &str) -> String {
    match text.split_once(['T', 't']) {
        Some((day, time)) => format!("{day}T{}", time.replacen(' ', "+", 1)),
        None => text.to_owned(),
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.rem_euclid(DAY);
        let (seconds, micros) = (micros / SECOND, micros % SECOND);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z", self.day())
    }
}

impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Stamp {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or(NotATime)
    }
}

impl Add<Duration> for Stamp {
    type Output = Stamp;

    fn add(self, time: Duration) -> Stamp {
        Self::from_micros(self.0.saturating_add(micros(time)))
    }
}

impl Sub<Duration> for Stamp {
    type Output = Stamp;

    fn sub(self, time: Duration) -> Stamp {
        Self::from_micros(self.0.saturating_sub(micros(time)))
    }
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

/// A civil day, without a time zone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// The day of that year, month and day, if the calendar has it.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Day> {
        if !(0..=9999).contains(&year) {
            return None;
        }
        Date::new(year, month, day).ok().map(Day)
    }

    /// Reads `YYYY-MM-DD`, or a month and day of one digit as Django does.
    pub fn parse(text: &str) -> Option<Day> {
        let mut parts = text.trim().splitn(3, '-');
        let year = digits(parts.next()?, 4..=4)?;
        let month = i8::try_from(digits(parts.next()?, 1..=2)?).ok()?;
        let day = i8::try_from(digits(parts.next()?, 1..=2)?).ok()?;
        Day::new(year, month, day)
    }

    /// Midnight UTC, where the day begins.
    pub fn first_instant(self) -> Stamp {
        Stamp(self.first_micros())
    }

    /// The last microsecond of the day in UTC.
    pub fn last_instant(self) -> Stamp {
        Stamp(self.first_micros() + DAY - 1)
    }

    fn first_micros(self) -> i64 {
        EPOCH.days_until(self) * DAY
    }

    /// How many days lie from this day to `other`; negative when `other` is earlier.
    pub fn days_until(self, other: Day) -> i64 {
        self.0.until(other.0).map_or(0, |span| i64::from(span.get_days()))
    }

    /// The day so many days later, or earlier when negative; held within the calendar.
    pub fn plus_days(self, days: i64) -> Day {
        let moved =
            Date::saturating_add(self.0, jiff::SignedDuration::from_secs(days.saturating_mul(86_400)));
        Day(moved.max(jiff::civil::date(0, 1, 1)))
    }

    /// The year.
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// The month, from 1.
    pub fn month(self) -> i8 {
        self.0.month()
    }

    /// The day of the month, from 1.
    pub fn of_month(self) -> i8 {
        self.0.day()
    }
}

fn digits(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<i16> {
    let fits = length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Day {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or(NotATime)
    }
}

/// A text that is neither a date nor a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotATime;

impl fmt::Display for NotATime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an ISO 8601 date or time")
    }
}

impl std::error::Error for NotATime {}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Where the time comes from: the system, or a test's hand.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The clock of the machine.
    pub fn system() -> Clock {
        Clock(Source::System)
    }

    /// A clock that stands still at `start` until it is moved; its clones move with it.
    pub fn manual(start: Stamp) -> Clock {
        Clock(Source::Manual(Arc::new(AtomicI64::new(start.micros()))))
    }

    /// The present instant.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine for the time")]
    pub fn now(&self) -> Stamp {
        match &self.0 {
            Source::System => Stamp::from_micros(jiff::Timestamp::now().as_microsecond()),
            Source::Manual(micros) => Stamp(micros.load(SeqCst)),
        }
    }

    /// Moves a manual clock forward.
    pub fn advance(&self, time: Duration) {
        self.set(self.now() + time);
    }

    /// Sets a manual clock.
    ///
    /// Panics on the system clock, which nobody here may set.
    pub fn set(&self, now: Stamp) {
        match &self.0 {
            Source::System => panic!("the system clock cannot be set; make a Clock::manual for this test"),
            Source::Manual(micros) => micros.store(now.micros(), SeqCst),
        }
    }
}
