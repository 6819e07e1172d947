use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, Schema};
use wire::{Amount, Choice, Day, Email, Field, Given, Messages, Object, Secret, Stamp, Text, Whole};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Tier {
    Bronze,
    Silver,
}

impl Choice for Tier {
    const ALL: &'static [Tier] = &[Tier::Bronze, Tier::Silver];

    fn as_str(self) -> &'static str {
        match self {
            Tier::Bronze => "Bronze",
            Tier::Silver => "Silver",
        }
    }
}

fn faults<T: Field>(value: &Value) -> Value {
    T::read_or_null(value).map_or_else(Messages::into_value, |_| json!([]))
}

#[test]
fn booleans_come_in_many_forms() {
    for yes in [
        json!(true),
        json!(1),
        json!(1.0),
        json!("true"),
        json!("True"),
        json!("YES"),
        json!("on"),
        json!("t"),
        json!("1"),
    ] {
        assert_eq!(bool::read(&yes), Ok(true), "{yes}");
    }
    for no in [
        json!(false),
        json!(0),
        json!(0.0),
        json!("false"),
        json!("FALSE"),
        json!("no"),
        json!("Off"),
        json!("n"),
        json!("0"),
    ] {
        assert_eq!(bool::read(&no), Ok(false), "{no}");
    }
    for neither in [json!("maybe"), json!(""), json!(2), json!([]), json!({})] {
        assert_eq!(faults::<bool>(&neither), json!(["Must be a valid boolean."]), "{neither}");
    }
    assert_eq!(faults::<bool>(&json!(null)), json!(["This field may not be null."]));
}

#[test]
fn dates_and_times_name_their_formats() {
    assert_eq!(Day::read(&json!("2026-03-01")).unwrap().to_string(), "2026-03-01");
    let date = "Date has wrong format. Use one of these formats instead: YYYY-MM-DD.";
    for value in [json!("01.03.2026"), json!(20_260_301), json!(""), json!("2026-03-01T00:00:00Z")] {
        assert_eq!(faults::<Day>(&value), json!([date]), "{value}");
    }
    assert_eq!(
        Stamp::read(&json!("2026-03-01T15:30:00+07:00")).unwrap().to_string(),
        "2026-03-01T08:30:00.000000Z"
    );
    assert_eq!(Stamp::read(&json!("2026-03-01")).unwrap().to_string(), "2026-03-01T00:00:00.000000Z");
    let time = "Datetime has wrong format. Use one of these formats instead: \
                YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].";
    for value in [json!("soon"), json!(5), json!("2026-13-01T00:00:00Z")] {
        assert_eq!(faults::<Stamp>(&value), json!([time]), "{value}");
    }
}

#[test]
fn choices_are_named_exactly() {
    assert_eq!(Tier::read(&json!("Silver")), Ok(Tier::Silver));
    for (value, message) in [
        (json!("silver"), r#""silver" is not a valid choice."#),
        (json!(""), r#""" is not a valid choice."#),
        (json!(5), r#""5" is not a valid choice."#),
        (json!(["Silver"]), r#""["Silver"]" is not a valid choice."#),
    ] {
        assert_eq!(faults::<Tier>(&value), json!([message]));
    }
    assert_eq!(Option::<Tier>::read_or_null(&json!(null)), Ok(None));
}

#[test]
fn lists_tell_where_they_are_wrong() {
    assert_eq!(Vec::<Tier>::read(&json!(["Silver", "Bronze"])), Ok(vec![Tier::Silver, Tier::Bronze]));
    assert_eq!(Vec::<Tier>::read(&json!([])), Ok(vec![]));
    assert_eq!(
        faults::<Vec<Tier>>(&json!("Silver")),
        json!([r#"Expected a list of items but got type "str"."#])
    );
    let expected = json!({"1": ["\"Gold\" is not a valid choice."], "3": ["This field may not be null."]});
    assert_eq!(faults::<Vec<Tier>>(&json!(["Silver", "Gold", "Bronze", null])), expected);
    assert!(<Vec<bool> as Field>::read(&json!(vec![true; 100])).is_ok());
    assert_eq!(
        faults::<Vec<bool>>(&json!(vec![true; 101])),
        json!(["Ensure this field has no more than 100 elements."])
    );
}

#[test]
fn objects_of_the_clients_own_stay_objects() {
    assert_eq!(Map::read(&json!({"a": 1})).unwrap().len(), 1);
    assert_eq!(
        faults::<Map<String, Value>>(&json!([])),
        json!([r#"Expected a dictionary of items but got type "list"."#])
    );
}

#[test]
fn what_is_given_is_not_null_unless_its_type_may_be() {
    assert_eq!(<Given<Tier>>::read_or_null(&json!("Silver")), Ok(Given(Some(Tier::Silver))));
    assert_eq!(faults::<Given<Tier>>(&Value::Null), json!(["This field may not be null."]));
    assert_eq!(faults::<Given<Tier>>(&json!("Tin")), faults::<Tier>(&json!("Tin")));
    assert_eq!(<Given<Option<Tier>>>::read_or_null(&Value::Null), Ok(Given(Some(None))));
    assert_eq!(<Given<Tier>>::default(), Given(None));
}

#[test]
fn schemas_say_what_the_types_demand() {
    let json = |schema: RefOr<Schema>| serde_json::to_value(schema).unwrap();
    for (schema, expected) in [
        (
            <Text<20> as Field>::schema(),
            json!({"type": "string", "minLength": 1, "maxLength": 20, "pattern": r"\S"}),
        ),
        (
            <Email as Field>::schema(),
            json!({"type": "string", "format": "email", "minLength": 1, "maxLength": 254}),
        ),
        (
            <Secret as Field>::schema(),
            json!({"type": "string", "format": "password", "writeOnly": true, "minLength": 1, "maxLength": 128}),
        ),
        (<Whole<1, 10> as Field>::schema(), json!({"type": "integer", "minimum": 1, "maximum": 10})),
        (
            <Amount<10, 0> as Field>::schema(),
            json!({"type": "string", "format": "decimal", "pattern": r"^[0-9]{1,8}(\.[0-9]{1,2})?$"}),
        ),
        (<Given<Tier> as Field>::schema(), json!({"type": "string", "enum": ["Bronze", "Silver"]})),
        (<Option<Day> as Field>::schema(), json!({"type": ["string", "null"], "format": "date"})),
        (
            <Option<Tier> as Field>::schema(),
            json!({"type": ["string", "null"], "enum": ["Bronze", "Silver", null]}),
        ),
        (
            <Vec<bool> as Field>::schema(),
            json!({"type": "array", "items": {"type": "boolean"}, "maxItems": 100}),
        ),
        (<Stamp as Field>::schema(), json!({"type": "string", "format": "date-time"})),
    ] {
        assert_eq!(json(schema), expected);
    }
}

#[test]
fn objects_of_a_clients_own_making_are_bounded() {
    let fits = json!({ "a": [1, { "b": null }] });
    assert_eq!(Object::<20>::read(&fits).map(Map::from).map(Value::from), Ok(fits.clone()));
    assert_eq!(
        faults::<Object<19>>(&json!({ "a": [1, { "b": null }] })),
        json!(["Ensure this field has no more than 19 bytes."])
    );
    for (other, kind) in [(json!([]), "list"), (json!("x"), "str"), (json!(1), "int")] {
        let text = format!(r#"Expected a dictionary of items but got type "{kind}"."#);
        assert_eq!(faults::<Object<20>>(&other), json!([text]));
    }
    assert_eq!(faults::<Object<20>>(&json!(null)), json!(["This field may not be null."]));
}
