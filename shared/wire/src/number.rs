//! Numbers in bodies.

use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

use crate::{Field, Messages, Money, NotMoney, schema};

/// The most characters of a text that is still read as a number.
const LONGEST: usize = 1000;

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Whole<const MIN: i64, const MAX: i64>(i64);

impl<const MIN: i64, const MAX: i64> Whole<MIN, MAX> {
    /// The number, if it lies within the bounds.
    pub const fn new(number: i64) -> Option<Self> {
        if MIN <= number && number <= MAX { Some(Whole(number)) } else { None }
    }

    /// A number written in the source, such as a default.
    ///
    /// Panics when it lies outside the bounds.
    pub const fn of(number: i64) -> Self {
        assert!(MIN <= number && number <= MAX, "the number lies outside the bounds of its type");
        Whole(number)
    }

    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl<const MIN: i64, const MAX: i64> From<Whole<MIN, MAX>> for i64 {
    fn from(whole: Whole<MIN, MAX>) -> Self {
        whole.0
    }
}

impl<const MIN: i64, const MAX: i64> Field for Whole<MIN, MAX> {
    /// Takes integers, `3.0` and both as text.
    fn read(value: &Value) -> Result<Self, Messages> {
        let text = number_text(value, "A valid integer is required.")?;
        let number = whole_number(&text).ok_or("A valid integer is required.")?;
        if number < i128::from(MIN) {
            return Err(too_small(&MIN.to_string()));
        }
        if number > i128::from(MAX) {
            return Err(too_large(&MAX.to_string()));
        }
        Ok(Whole(i64::try_from(number).expect("it lies within bounds that are i64 themselves")))
    }

    fn schema() -> RefOr<Schema> {
        let least = (MIN != i64::MIN).then_some(MIN);
        let most = (MAX != i64::MAX).then_some(MAX);
        ObjectBuilder::new().schema_type(Type::Integer).minimum(least).maximum(most).into()
    }
}

/// An amount of at most `DIGITS` digits, from `MIN` to `MAX` hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount<const DIGITS: u32, const MIN: i64 = { i64::MIN }, const MAX: i64 = { i64::MAX }>(Money);

impl<const DIGITS: u32, const MIN: i64, const MAX: i64> Amount<DIGITS, MIN, MAX> {
    /// The amount of so many hundredths, if it lies within the bounds.
    pub const fn from_minor(hundredths: i64) -> Option<Self> {
        if MIN <= hundredths && hundredths <= MAX {
            Some(Amount(Money::from_minor(hundredths)))
        } else {
            None
        }
    }

    /// An amount in hundredths written in the source, such as a default.
    ///
    /// Panics when it lies outside the bounds.
    pub const fn of_minor(hundredths: i64) -> Self {
        assert!(MIN <= hundredths && hundredths <= MAX, "the amount lies outside the bounds of its type");
        Amount(Money::from_minor(hundredths))
    }

    /// The amount.
    pub const fn money(self) -> Money {
        self.0
    }
}

impl<const DIGITS: u32, const MIN: i64, const MAX: i64> From<Amount<DIGITS, MIN, MAX>> for Money {
    fn from(amount: Amount<DIGITS, MIN, MAX>) -> Self {
        amount.0
    }
}

impl<const DIGITS: u32, const MIN: i64, const MAX: i64> Field for Amount<DIGITS, MIN, MAX> {
    fn read(value: &Value) -> Result<Self, Messages> {
        let text = number_text(value, "A valid number is required.")?;
        let money = Money::parse(&text, DIGITS).map_err(|fault| refusal(fault, DIGITS))?;
        if money.minor() < MIN {
            return Err(too_small(&bound(MIN)));
        }
        if money.minor() > MAX {
            return Err(too_large(&bound(MAX)));
        }
        Ok(Amount(money))
    }

    fn schema() -> RefOr<Schema> {
        let whole = DIGITS.saturating_sub(2);
        let sign = if MIN < 0 { "-?" } else { "" };
        let pattern = format!("^{sign}[0-9]{{1,{whole}}}(\\.[0-9]{{1,2}})?$");
        schema::formatted("decimal").pattern(Some(pattern)).into()
    }
}

fn refusal(fault: NotMoney, digits: u32) -> Messages {
    match fault {
        NotMoney::NotANumber => "A valid number is required.".into(),
        NotMoney::Digits => format!("Ensure that there are no more than {digits} digits in total.").into(),
        NotMoney::Places => "Ensure that there are no more than 2 decimal places.".into(),
        NotMoney::WholeDigits => {
            let whole = digits.saturating_sub(2);
            format!("Ensure that there are no more than {whole} digits before the decimal point.").into()
        }
    }
}

/// A bound as DRF shows it: without places when it is whole.
fn bound(hundredths: i64) -> String {
    let text = Money::from_minor(hundredths).to_string();
    text.strip_suffix(".00").map_or_else(|| text.clone(), str::to_owned)
}

fn too_small(least: &str) -> Messages {
    format!("Ensure this value is greater than or equal to {least}.").into()
}

fn too_large(most: &str) -> Messages {
    format!("Ensure this value is less than or equal to {most}.").into()
}

fn number_text(value: &Value, refusal: &str) -> Result<String, Messages> {
    match value {
        Value::Number(number) => Ok(plain(&number.to_string())),
        Value::String(text) if text.len() > LONGEST => Err("String value too large.".into()),
        Value::String(text) => Ok(text.trim().to_owned()),
        _ => Err(refusal.into()),
    }
}

/// The text of a JSON number without exponent, which very large and very small numbers have.
fn plain(text: &str) -> String {
    let Some((mantissa, exponent)) = text.split_once('e') else { return text.to_owned() };
    let (whole, places) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    match exponent.parse::<i16>() {
        Ok(power) if power < 0 => {
            let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
            let zeros = "0".repeat(usize::from(power.unsigned_abs()) - 1);
            format!("{sign}0.{zeros}{whole}{places}")
        }
        Ok(power) => {
            let power = usize::from(power.unsigned_abs());
            let padded = format!("{places:0<power$}");
            let (before, after) = padded.split_at(power);
            format!("{whole}{before}.{after}")
        }
        Err(_) => text.to_owned(),
    }
}

/// Reads a whole number; one too large for any bound of ours becomes the largest there is.
pub(crate) fn whole_number(text: &str) -> Option<i128> {
    let whole = match text.split_once('.') {
        Some((whole, places)) if places.bytes().all(|byte| byte == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    let digits = whole.strip_prefix(['-', '+']).unwrap_or(whole);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let beyond = if whole.starts_with('-') { i128::MIN } else { i128::MAX };
    Some(whole.parse().unwrap_or(beyond))
}
