//! Amounts with two decimal places, without floats.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Number;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::schema;

/// An amount in hundredths; its text always has two decimal places.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

/// A text could not be read as an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotMoney {
    /// It is not a plain decimal number.
    NotANumber,
    /// It has more digits than allowed.
    Digits,
    /// It has more than two decimal places.
    Places,
    /// It has more digits before the point than allowed.
    WholeDigits,
}

impl Money {
    /// Nothing.
    pub const ZERO: Money = Money(0);

    /// The amount of so many hundredths.
    pub const fn from_minor(hundredths: i64) -> Money {
        Money(hundredths)
    }

    /// The amount in hundredths.
    pub const fn minor(self) -> i64 {
        self.0
    }

    /// Reads a plain decimal number of at most `digits` digits, two of them after the point.
    ///
    /// Counts digits as DRF does: leading zeros do not count, trailing ones do.
    /// Differs: exponents, underscores and digits of other scripts are refused.
    pub fn parse(text: &str, digits: u32) -> Result<Money, NotMoney> {
        let text = text.trim();
        let (negative, unsigned) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, places) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let only_digits = whole.bytes().chain(places.bytes()).all(|byte| byte.is_ascii_digit());
        if !only_digits || (whole.is_empty() && places.is_empty()) {
            return Err(NotMoney::NotANumber);
        }
        let whole = whole.trim_start_matches('0');
        let allowed = usize::try_from(digits).unwrap_or(usize::MAX);
        if whole.len() + places.len() > allowed {
            return Err(NotMoney::Digits);
        }
        if places.len() > 2 {
            return Err(NotMoney::Places);
        }
        if whole.len() + 2 > allowed {
            return Err(NotMoney::WholeDigits);
        }
        let hundredths: i64 = format!("{whole}{places:0<2}").parse().map_err(|_| NotMoney::Digits)?;
        Ok(Money(if negative { -hundredths } else { hundredths }))
    }

    /// The sum, unless it is too large to hold.
    pub fn checked_add(self, other: Money) -> Option<Money> {
        self.0.checked_add(other.0).map(Money)
    }

    /// The difference, unless it is too large to hold.
    pub fn checked_sub(self, other: Money) -> Option<Money> {
        self.0.checked_sub(other.0).map(Money)
    }

    /// The sum of all, unless it is too large to hold.
    pub fn sum(amounts: impl IntoIterator<Item = Money>) -> Option<Money> {
        amounts.into_iter().try_fold(Money::ZERO, Money::checked_add)
    }

    /// So many times the amount, unless it is too large to hold.
    pub fn times(self, count: i64) -> Option<Money> {
        self.0.checked_mul(count).map(Money)
    }

    /// The amount times a fraction, a half rounded away from zero; `None` for a zero denominator or overflow.
    pub fn ratio(self, numerator: i64, denominator: i64) -> Option<Money> {
        let product = i128::from(self.0) * i128::from(numerator);
        let divisor = i128::from(denominator);
        if divisor == 0 {
            return None;
        }
        let (whole, rest) = (product.abs() / divisor.abs(), product.abs() % divisor.abs());
        let magnitude = whole + i128::from(2 * rest >= divisor.abs());
        let signed = if (product < 0) == (divisor < 0) { magnitude } else { -magnitude };
        i64::try_from(signed).ok().map(Money)
    }

    /// So many hundredths of a percent of the amount: `percent(1250)` is 12.5 %.
    pub fn percent(self, hundredths: i64) -> Option<Money> {
        self.ratio(hundredths, 10_000)
    }

    /// The amount as a JSON number, for contracts that ask for one; exact up to fifteen digits.
    pub fn to_number(self) -> Number {
        let text = self.to_string();
        let short = text.trim_end_matches('0').trim_end_matches('.');
        Number::from_str(short).expect("a decimal text is a JSON number")
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", magnitude / 100, magnitude % 100)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Money {
    type Err = NotMoney;

    /// Reads any amount that can be held.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Money::parse(text, 20)
    }
}

impl fmt::Display for NotMoney {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotMoney::NotANumber => "not a decimal number",
            NotMoney::Digits => "too many digits",
            NotMoney::Places => "more than two decimal places",
            NotMoney::WholeDigits => "too many digits before the decimal point",
        })
    }
}

impl std::error::Error for NotMoney {}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for Money {
    fn schema() -> RefOr<Schema> {
        schema::formatted("decimal").pattern(Some(r"^-?\d+\.\d{2}$")).into()
    }
}

impl ToSchema for Money {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Money")
    }
}
