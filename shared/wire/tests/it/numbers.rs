use serde_json::{Value, json};
use wire::{Amount, Field, Messages, Money, Whole};

fn faults<T: Field>(text: &str) -> Value {
    let value: Value = serde_json::from_str(text).unwrap();
    T::read_or_null(&value).map_or_else(Messages::into_value, |_| json!([]))
}

#[test]
fn whole_numbers_are_read_in_every_form_of_drf() {
    for (text, number) in [
        ("7", 7),
        ("7.0", 7),
        (r#""7""#, 7),
        (r#"" 7.00 ""#, 7),
        (r#""-7""#, -7),
        (r#""+7""#, 7),
        (r#""007""#, 7),
        ("0", 0),
    ] {
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(Whole::<-10, 10>::read(&value).unwrap().get(), number, "{text}");
    }
    let invalid = "A valid integer is required.";
    let small = "Ensure this value is greater than or equal to 0.";
    let large = "Ensure this value is less than or equal to 2147483647.";
    for (text, message) in [
        ("7.5", invalid),
        ("true", invalid),
        (r#""""#, invalid),
        (r#""x""#, invalid),
        (r#""7.1""#, invalid),
        (r#""1e3""#, invalid),
        (r#""--7""#, invalid),
        ("[7]", invalid),
        ("{}", invalid),
        ("1e-7", invalid),
        ("null", "This field may not be null."),
        ("-1", small),
        ("-1e30", small),
        ("2147483648", large),
        ("18446744073709551615", large),
        ("99999999999999999999", large),
        ("1.5e300", large),
        (r#""99999999999999999999999999999999999999999999999""#, large),
    ] {
        assert_eq!(faults::<Whole<0, 2_147_483_647>>(text), json!([message]), "{text}");
    }
    let long = format!("\"{}\"", "9".repeat(1001));
    assert_eq!(faults::<Whole<0, 9>>(&long), json!(["String value too large."]));
}

#[test]
fn amounts_are_read_without_floats() {
    for (text, amount) in [
        ("4.5", "4.50"),
        ("25", "25.00"),
        (r#""0.07""#, "0.07"),
        ("0.1", "0.10"),
        ("1e2", "100.00"),
        ("99999999.99", "99999999.99"),
    ] {
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(Amount::<10, 0>::read(&value).unwrap().money().to_string(), amount, "{text}");
    }
    for (text, message) in [
        (r#""x""#, "A valid number is required."),
        (r#""""#, "A valid number is required."),
        ("true", "A valid number is required."),
        (r#""NaN""#, "A valid number is required."),
        (r#""1e2""#, "A valid number is required."),
        ("[]", "A valid number is required."),
        ("null", "This field may not be null."),
        ("1.234", "Ensure that there are no more than 2 decimal places."),
        ("1e-7", "Ensure that there are no more than 2 decimal places."),
        ("-2.5e-7", "Ensure that there are no more than 2 decimal places."),
        ("12345678901", "Ensure that there are no more than 10 digits in total."),
        ("1e30", "Ensure that there are no more than 10 digits in total."),
        ("123456789", "Ensure that there are no more than 8 digits before the decimal point."),
        ("-0.01", "Ensure this value is greater than or equal to 0."),
    ] {
        assert_eq!(faults::<Amount<10, 0>>(text), json!([message]), "{text}");
    }
    assert_eq!(faults::<Amount<12, 1>>("0"), json!(["Ensure this value is greater than or equal to 0.01."]));
    assert_eq!(
        faults::<Amount<5, 0, 10_000>>("100.01"),
        json!(["Ensure this value is less than or equal to 100."])
    );
    assert_eq!(faults::<Amount<5>>("-999.99"), json!([]));
    assert_eq!(Money::from(Amount::<5>::of_minor(5)), Money::from_minor(5));
    assert_eq!(Amount::<5, 0>::from_minor(-1), None);
}

#[test]
#[should_panic(expected = "the number lies outside the bounds of its type")]
fn defaults_outside_the_bounds_are_bugs() {
    let _ = (Whole::<1, 5>::new(6).is_none(), Whole::<1, 5>::of(6));
}
