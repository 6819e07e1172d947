use proptest::prelude::*;
use wire::Money;
use wire::NotMoney::{Digits, NotANumber, Places, WholeDigits};

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

#[test]
fn amounts_are_read_as_drf_reads_them() {
    for (text, hundredths) in [
        ("25", 2500),
        ("25.0", 2500),
        ("25.00", 2500),
        (" 25.5 ", 2550),
        ("0", 0),
        ("-0.00", 0),
        ("0.01", 1),
        (".5", 50),
        ("5.", 500),
        ("+7", 700),
        ("-12.34", -1234),
        ("0000000000000000012.30", 1230),
        ("99999999.99", 9_999_999_999),
    ] {
        assert_eq!(Money::parse(text, 10), Ok(Money::from_minor(hundredths)), "{text}");
    }
    for (text, fault) in [
        ("", NotANumber),
        (".", NotANumber),
        ("-", NotANumber),
        ("--1", NotANumber),
        ("1e2", NotANumber),
        ("NaN", NotANumber),
        ("Infinity", NotANumber),
        ("1_000", NotANumber),
        ("1,5", NotANumber),
        ("1.2.3", NotANumber),
        ("１２", NotANumber),
        ("12345678901", Digits),
        ("123456789.01", Digits),
        ("0.12345678901", Digits),
        ("1.234", Places),
        ("1.000", Places),
        ("123456789", WholeDigits),
        ("123456789.1", WholeDigits),
    ] {
        assert_eq!(Money::parse(text, 10), Err(fault), "{text}");
    }
    assert_eq!("99999999999999999999".parse::<Money>(), Err(WholeDigits));
}

#[test]
fn a_half_is_rounded_away_from_zero() {
    for (amount, numerator, denominator, result) in [
        ("0.01", 1, 2, "0.01"),
        ("-0.01", 1, 2, "-0.01"),
        ("0.01", -1, 2, "-0.01"),
        ("0.01", 1, -2, "-0.01"),
        ("0.01", 49, 100, "0.00"),
        ("10.00", 1, 3, "3.33"),
        ("20.00", 1, 3, "6.67"),
        ("1.15", 1, 2, "0.58"),
        ("100.00", 7, 1, "700.00"),
        ("0.00", 5, 7, "0.00"),
    ] {
        let found = money(amount).ratio(numerator, denominator);
        assert_eq!(found, Some(money(result)), "{amount} * {numerator}/{denominator}");
    }
    assert_eq!(money("1").ratio(1, 0), None);
    assert_eq!(Money::from_minor(i64::MAX).ratio(2, 1), None);
    assert_eq!(Money::from_minor(i64::MIN).ratio(i64::MIN, 1), None);
    assert_eq!(money("19.99").percent(1250), Some(money("2.50")));
}

#[test]
fn sums_that_do_not_fit_are_none() {
    let most = Money::from_minor(i64::MAX);
    let cent = Money::from_minor(1);
    assert_eq!(most.checked_add(cent), None);
    assert_eq!(Money::from_minor(i64::MIN).checked_sub(cent), None);
    assert_eq!(most.times(2), None);
    assert_eq!(money("1.25").times(3), Some(money("3.75")));
    assert_eq!(Money::sum([cent, money("2"), money("-0.51")]), Some(money("1.50")));
    assert_eq!(Money::sum([most, cent]), None);
    assert_eq!(Money::sum([]), Some(Money::ZERO));
}

#[test]
fn json_holds_a_decimal_text_or_a_number_on_request() {
    assert_eq!(serde_json::to_string(&money("25")).unwrap(), r#""25.00""#);
    assert_eq!(serde_json::from_str::<Money>(r#""-0.5""#).unwrap(), money("-0.50"));
    for (text, number) in
        [("25.00", "25"), ("10.50", "10.5"), ("-0.01", "-0.01"), ("0.00", "0"), ("100.00", "100")]
    {
        assert_eq!(money(text).to_number().to_string(), number);
    }
}

proptest! {
    #[test]
    fn texts_are_read_back(hundredths: i64) {
        let amount = Money::from_minor(hundredths);
        let text = amount.to_string();
        prop_assume!(hundredths != i64::MIN);
        prop_assert_eq!(text.parse::<Money>(), Ok(amount));
    }

    #[test]
    fn shares_differ_from_the_exact_value_by_half_a_cent_at_most(
        amount in -1_000_000_000_i64..1_000_000_000,
        n in -10_000_i64..10_000,
        d in 1_i64..10_000,
    ) {
        let share = i128::from(Money::from_minor(amount).ratio(n, d).unwrap().minor());
        let (exact, d) = (i128::from(amount) * i128::from(n), i128::from(d));
        prop_assert!((2 * (share * d - exact)).abs() <= d);
        let opposite = Money::from_minor(-amount).ratio(n, i64::try_from(d).unwrap()).unwrap();
        prop_assert_eq!(i128::from(opposite.minor()), -share);
    }

    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,40}|[-+0-9.e]{0,30}") {
        let _ = Money::parse(&text, 10);
    }

    #[test]
    fn numbers_of_fifteen_digits_are_exact(hundredths in -999_999_999_999_999_i64..=999_999_999_999_999) {
        let amount = Money::from_minor(hundredths);
        prop_assert_eq!(amount.to_number().to_string().parse::<Money>(), Ok(amount));
    }
}
