//! What a discount is worth, and to whom it is given.

use wire::{FieldErrors, Money, Stamp};

use super::{Discount, Refusal, Unit};

/// The highest part, in hundredths of a percent.
const ALL_OF_IT: Money = Money::from_minor(10_000);

/// What a discount is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// What it is for.
    pub description: String,
    /// What `value` is.
    pub unit: Unit,
    /// Percent, or an amount.
    pub value: Money,
    /// The types it applies to.
    pub applicable_types: Vec<u32>,
    /// How many payments may use it.
    pub max_uses: Option<i64>,
    /// How many payments of one account may.
    pub max_uses_per_user: i64,
    /// From when on it is good.
    pub valid_from: Stamp,
    /// Until when.
    pub valid_until: Stamp,
    /// Whether it is given.
    pub is_active: bool,
}

/// What is wrong with a wish that its fields alone do not tell.
pub fn faults(wish: &Wish) -> FieldErrors {
    let mut errors = FieldErrors::new();
    if wish.unit == Unit::Percentage && wish.value > ALL_OF_IT {
        errors.add("discount_value", "Ensure this value is less than or equal to 100.");
    }
    if wish.valid_until <= wish.valid_from {
        errors.add("valid_until", "valid_until must be after valid_from.");
    }
    errors
}

/// A new discount.
pub fn create(code: String, wish: Wish, now: Stamp) -> Discount {
    Discount {
        code,
        description: wish.description,
        unit: wish.unit,
        value: wish.value,
        applicable_types: wish.applicable_types,
        max_uses: wish.max_uses,
        current_uses: 0,
        max_uses_per_user: wish.max_uses_per_user,
        valid_from: wish.valid_from,
        valid_until: wish.valid_until,
        is_active: wish.is_active,
        rev: 1,
        created_at: now,
    }
}

/// The discount after an edit. How often it was used stays.
pub fn edit(before: &Discount, wish: Wish) -> Discount {
    let edited = create(before.code.clone(), wish, before.created_at);
    Discount { current_uses: before.current_uses, rev: before.rev + 1, ..edited }
}

/// Whether the discount is given at this moment.
pub fn is_given(discount: &Discount, now: Stamp) -> bool {
    let left = discount.max_uses.is_none_or(|most| discount.current_uses < most);
    discount.is_active && discount.valid_from <= now && now <= discount.valid_until && left
}

/// Whether an account gets it for a type, having used it so often already.
pub fn give(discount: &Discount, of_type: u32, used: i64, now: Stamp) -> Result<(), Refusal> {
    if !is_given(discount, now) {
        Err(Refusal::Invalid)
    } else if !discount.applicable_types.is_empty() && !discount.applicable_types.contains(&of_type) {
        Err(Refusal::OtherType)
    } else if used >= discount.max_uses_per_user {
        Err(Refusal::UsedAlready)
    } else {
        Ok(())
    }
}

/// What it takes off an amount: never more than all of it.
pub fn taken_off(discount: &Discount, subtotal: Money) -> Money {
    let off = match discount.unit {
        // The value counts hundredths of a percent: 12.50 is 1250 of them.
        Unit::Percentage => subtotal.percent(discount.value.minor()),
        Unit::Fixed => Some(discount.value),
    };
    off.unwrap_or(subtotal).min(subtotal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn discount(unit: Unit, value: i64) -> Discount {
        let wish = Wish {
            description: String::new(),
            unit,
            value: Money::from_minor(value),
            applicable_types: vec![1, 2],
            max_uses: Some(3),
            max_uses_per_user: 1,
            valid_from: Stamp::from_seconds(100),
            valid_until: Stamp::from_seconds(200),
            is_active: true,
        };
        create("WELCOME10".to_owned(), wish, Stamp::from_seconds(50))
    }

    #[test]
    fn parts_are_rounded_half_up_and_amounts_never_exceed_the_whole() {
        for (unit, value, subtotal, off) in [
            (Unit::Percentage, 1_500, 1_999, 300),
            (Unit::Percentage, 1_000, 2_000, 200),
            (Unit::Percentage, 5_000, 1, 1),
            (Unit::Percentage, 10_000, 1_999, 1_999),
            (Unit::Percentage, 1, 49, 0),
            (Unit::Fixed, 5_000, 1_000, 1_000),
            (Unit::Fixed, 250, 1_000, 250),
            (Unit::Fixed, 250, 0, 0),
        ] {
            let taken = taken_off(&discount(unit, value), Money::from_minor(subtotal));
            assert_eq!(taken.minor(), off, "{unit:?} {value} of {subtotal}");
        }
    }

    #[test]
    fn it_is_given_within_its_time_its_types_and_its_limits() {
        let good = discount(Unit::Fixed, 100);
        let at = Stamp::from_seconds;
        assert_eq!(give(&good, 1, 0, at(100)), Ok(()));
        assert_eq!(give(&good, 2, 0, at(200)), Ok(()));
        for (refusal, changed, of_type, used, now) in [
            (Refusal::Invalid, good.clone(), 1, 0, 99),
            (Refusal::Invalid, good.clone(), 1, 0, 201),
            (Refusal::Invalid, Discount { is_active: false, ..good.clone() }, 1, 0, 150),
            (Refusal::Invalid, Discount { current_uses: 3, ..good.clone() }, 1, 0, 150),
            (Refusal::OtherType, good.clone(), 3, 0, 150),
            (Refusal::UsedAlready, good.clone(), 1, 1, 150),
        ] {
            assert_eq!(give(&changed, of_type, used, at(now)), Err(refusal), "{changed:?}");
        }
        let every = Discount { applicable_types: Vec::new(), max_uses: None, current_uses: 99, ..good };
        assert_eq!(give(&every, 3, 0, at(150)), Ok(()));
    }
}
