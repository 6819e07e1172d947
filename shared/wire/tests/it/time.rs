use std::time::Duration;

use proptest::prelude::*;
use wire::{Clock, Day, Stamp};

#[test]
fn a_stamp_has_a_text_of_fixed_width() {
    for (micros, text) in [
        (0, "1970-01-01T00:00:00.000000Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (1_772_353_800_123_456, "2026-03-01T08:30:00.123456Z"),
        (Stamp::MIN.micros(), "0000-01-01T00:00:00.000000Z"),
        (Stamp::MAX.micros(), "9999-12-31T23:59:59.999999Z"),
    ] {
        assert_eq!(Stamp::from_micros(micros).to_string(), text);
        assert_eq!(Stamp::parse(text), Some(Stamp::from_micros(micros)), "{text}");
    }
    assert_eq!(Stamp::from_micros(i64::MAX), Stamp::MAX);
    assert_eq!(Stamp::from_micros(i64::MIN), Stamp::MIN);
}

#[test]
fn stamps_are_read_in_the_forms_of_iso_8601() {
    for text in [
        "2026-03-01T08:30:00Z",
        "2026-03-01T08:30:00.000000Z",
        "2026-03-01T08:30:00.000000000Z",
        " 2026-03-01T08:30:00z ",
        "2026-03-01t08:30:00Z",
        "2026-03-01 08:30:00Z",
        "2026-03-01T08:30Z",
        "2026-03-01T08:30:00",
        "2026-03-01 08:30",
        "2026-03-01T15:30:00+07:00",
        "2026-03-01T15:30:00 07:00",
        "2026-03-01T15:30:00+0700",
        "2026-03-01T15:30:00+07",
        "2026-03-01T03:00:00-05:30",
    ] {
        assert_eq!(
            Stamp::parse(text).map(|stamp| stamp.to_string()).as_deref(),
            Some("2026-03-01T08:30:00.000000Z"),
            "{text}"
        );
    }
    for text in [
        "",
        "2026-03-01",
        "08:30",
        "2026-02-30T08:30:00Z",
        "2026-03-01T25:00:00Z",
        "-0001-01-01T00:00:00Z",
        "now",
        "9999-12-31T23:59:59-01:00",
        "2026-03-01T08:30:00[Europe/Berlin]",
        "1772353800",
        "T:",
    ] {
        assert_eq!(Stamp::parse(text), None, "{text}");
    }
}

#[test]
fn bounds_take_bare_dates() {
    assert_eq!(Stamp::parse_from("2026-03-01").unwrap().to_string(), "2026-03-01T00:00:00.000000Z");
    assert_eq!(Stamp::parse_to("2026-03-01").unwrap().to_string(), "2026-03-01T23:59:59.999999Z");
    assert_eq!(Stamp::parse_to("2026-03-01T08:30:00Z").unwrap().to_string(), "2026-03-01T08:30:00.000000Z");
}

#[test]
fn stamps_move_and_saturate() {
    let noon = Stamp::parse("2026-03-01T12:00:00Z").unwrap();
    let hour = Duration::from_hours(1);
    assert_eq!((noon + hour).since(noon), hour);
    assert_eq!(noon.since(noon + hour), Duration::ZERO);
    assert_eq!(noon - hour + hour, noon);
    assert_eq!(Stamp::MAX + Duration::MAX, Stamp::MAX);
    assert_eq!(Stamp::MIN - Duration::MAX, Stamp::MIN);
    assert_eq!(Stamp::from_micros(-1).seconds(), -1);
    assert_eq!(Stamp::from_seconds(noon.seconds()), noon);
    assert_eq!(Stamp::from_seconds(i64::MAX), Stamp::MAX);
    assert_eq!(noon.day().to_string(), "2026-03-01");
}

#[test]
fn days_follow_the_calendar() {
    for (text, day) in
        [("2024-02-29", (2024, 2, 29)), ("2026-3-1", (2026, 3, 1)), (" 0001-01-01 ", (1, 1, 1))]
    {
        let (year, month, of_month) = day;
        assert_eq!(Day::parse(text), Day::new(year, month, of_month), "{text}");
        assert!(Day::parse(text).is_some(), "{text}");
    }
    for text in [
        "",
        "2026-02-29",
        "26-03-01",
        "2026-13-01",
        "2026-03",
        "2026-03-01T00:00:00Z",
        "2026-03-01-01",
        "２026-03-01",
        "+026-03-01",
    ] {
        assert_eq!(Day::parse(text), None, "{text}");
    }
    let day = Day::parse("2026-02-28").unwrap();
    assert_eq!(day.plus_days(1).to_string(), "2026-03-01");
    assert_eq!(day.plus_days(-59).to_string(), "2025-12-31");
    assert_eq!(day.days_until(day.plus_days(400)), 400);
    assert_eq!(day.plus_days(i64::MAX).to_string(), "9999-12-31");
    assert_eq!(day.plus_days(i64::MIN).to_string(), "0000-01-01");
    assert_eq!((day.year(), day.month(), day.of_month()), (2026, 2, 28));
    assert_eq!(Day::new(-1, 1, 1), None);
}

#[test]
fn json_holds_the_texts() {
    let stamp = Stamp::from_seconds(1_772_353_800);
    let json = serde_json::to_string(&(stamp, stamp.day())).unwrap();
    assert_eq!(json, r#"["2026-03-01T08:30:00.000000Z","2026-03-01"]"#);
    assert_eq!(serde_json::from_str::<(Stamp, Day)>(&json).unwrap(), (stamp, stamp.day()));
    assert!(serde_json::from_str::<Stamp>(r#""yesterday""#).is_err());
}

#[test]
fn a_manual_clock_moves_with_its_clones() {
    let clock = Clock::manual(Stamp::from_seconds(100));
    let other = clock.clone();
    other.advance(Duration::from_secs(5));
    assert_eq!(clock.now(), Stamp::from_seconds(105));
    clock.set(Stamp::from_seconds(7));
    assert_eq!(other.now(), Stamp::from_seconds(7));
}

#[test]
fn the_system_clock_runs() {
    let clock = Clock::system();
    let first = clock.now();
    assert!(first > Stamp::parse("2026-01-01T00:00:00Z").unwrap());
    assert!(clock.now() >= first);
}

#[test]
#[should_panic(expected = "the system clock cannot be set")]
fn the_system_clock_cannot_be_set() {
    Clock::system().advance(Duration::from_secs(1));
}

fn stamps() -> impl Strategy<Value = Stamp> {
    (Stamp::MIN.micros()..=Stamp::MAX.micros()).prop_map(Stamp::from_micros)
}

proptest! {
    #[test]
    fn the_order_of_texts_is_the_order_of_time(a in stamps(), b in stamps()) {
        prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        prop_assert_eq!(a.to_string().len(), 27);
    }

    #[test]
    fn texts_are_read_back(stamp in stamps()) {
        prop_assert_eq!(Stamp::parse(&stamp.to_string()), Some(stamp));
        prop_assert_eq!(Day::parse(&stamp.day().to_string()), Some(stamp.day()));
        prop_assert!(stamp.day().first_instant() <= stamp && stamp <= stamp.day().last_instant());
    }

    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,40}|[-0-9TtZ:+. ]{0,32}") {
        let _ = (Stamp::parse(&text), Day::parse(&text), Stamp::parse_to(&text));
    }
}
