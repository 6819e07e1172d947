use serde_json::json;

use super::*;
use crate::discounts::{self, Unit};
use crate::types::rules::{self as types, Wish};

fn at(minutes: i64) -> Stamp {
    Stamp::from_seconds(1_772_353_800 + minutes * 60)
}

fn sold(price: i64) -> VoucherType {
    let wish = Wish {
        name: "Exam Results".into(),
        type_code: "result_check".into(),
        description: "Look up".into(),
        price: Money::from_minor(price),
        is_active: true,
        validity_days: 30,
        usage_limit: 3,
        accepted_services: None,
    };
    types::create(1, wish, at(0))
}

fn discount(unit: Unit, value: i64) -> Discount {
    let wish = discounts::rules::Wish {
        description: String::new(),
        unit,
        value: Money::from_minor(value),
        applicable_types: Vec::new(),
        max_uses: None,
        max_uses_per_user: 1,
        valid_from: at(-1),
        valid_until: at(99),
        is_active: true,
    };
    discounts::rules::create("TEN".into(), wish, at(-1))
}

fn order(price: i64, quantity: u32, discount: Option<Discount>) -> Order {
    Order { sold: sold(price), quantity, discount, card: Some("pm_card_visa".into()), gift: None }
}

fn payment() -> Payment {
    open("p".into(), 7, "ama@example.org", &order(1000, 2, None), at(0)).unwrap()
}

fn intent(status: &str) -> Intent {
    let received = if status == "succeeded" { 2000 } else { 0 };
    serde_json::from_value(json!({
        "id": "pi_1", "object": "payment_intent", "amount": 2000, "amount_received": received, "currency": "usd",
        "status": status, "latest_charge": "ch_1", "created": 1, "livemode": false, "metadata": { "payment_id": "p" },
    }))
    .unwrap()
}

#[test]
fn prices_are_whole_cents_all_the_way() {
    for (price, quantity, off, discount_amount, amount) in [
        (1999, 1, None, 0, 1999),
        (1999, 1, Some((Unit::Percentage, 1500)), 300, 1699),
        (1000, 2, Some((Unit::Percentage, 1000)), 200, 1800),
        (1000, 1, Some((Unit::Fixed, 5000)), 1000, 0),
        (0, 3, None, 0, 0),
        (9_999_999_999, 10, Some((Unit::Percentage, 9995)), 99_949_999_990, 50_000_000),
    ] {
        let order = order(price, quantity, off.map(|(unit, value)| discount(unit, value)));
        let made = open("p".into(), 7, "a@b.test", &order, at(0)).unwrap();
        assert_eq!((made.discount_amount.minor(), made.amount.minor()), (discount_amount, amount), "{price}");
        assert_eq!(made.method == Method::Free, amount == 0);
        assert_eq!(made.card.is_none(), amount == 0, "nothing is charged for nothing");
    }
}

#[test]
fn a_card_is_charged_half_a_dollar_at_least_and_not_a_million() {
    let (small, large) = (Some(Refusal::TooSmall), Some(Refusal::TooLarge));
    for (price, quantity, refused) in [
        (0, 1, None),
        (1, 1, small),
        (49, 1, small),
        (50, 1, None),
        (99_999_999, 1, None),
        (100_000_000, 1, large),
        (10_000_000, 10, large),
        (9_999_999_999, 10, large),
    ] {
        let made = open("p".into(), 7, "a@b.test", &order(price, quantity, None), at(0));
        assert_eq!(made.err(), refused, "{price}");
    }
}

#[test]
fn what_an_intent_means_for_a_payment_in_each_state() {
    use Status::{Cancelled, Completed, Failed, Pending, Processing, Refunded};
    let all = [Pending, Processing, Completed, Failed, Cancelled, Refunded];
    for (said, becomes) in [
        ("succeeded", [None, None, Some(Completed), None, None, Some(Refunded)]),
        (
            "processing",
            [
                Some(Processing),
                Some(Processing),
                Some(Completed),
                Some(Processing),
                Some(Cancelled),
                Some(Refunded),
            ],
        ),
        (
            "canceled",
            [
                Some(Cancelled),
                Some(Cancelled),
                Some(Completed),
                Some(Cancelled),
                Some(Cancelled),
                Some(Refunded),
            ],
        ),
        (
            "requires_action",
            [Some(Pending), Some(Processing), Some(Completed), Some(Failed), Some(Cancelled), Some(Refunded)],
        ),
        (
            "requires_payment_method",
            [Some(Pending), Some(Processing), Some(Completed), Some(Failed), Some(Cancelled), Some(Refunded)],
        ),
    ] {
        for (status, expected) in all.into_iter().zip(becomes) {
            let before = Payment { status, ..payment() };
            let after = match judge(&before, &intent(said), at(1)).unwrap() {
                Verdict::Deliver(_) => None,
                Verdict::Become(after) => Some(after.status),
                Verdict::Nothing => Some(before.status),
            };
            assert_eq!(after, expected, "{said} for {status:?}");
        }
    }
}

#[test]
fn a_decline_says_why_and_leaves_the_way_open() {
    let mut declined = intent("requires_payment_method");
    declined.last_error = Some(stripe::LastError {
        message: Some("Your card has insufficient funds.".into()),
        ..stripe::LastError::default()
    });
    let Verdict::Become(failed) = judge(&payment(), &declined, at(1)).unwrap() else { panic!("it failed") };
    assert_eq!(failed.status, Status::Failed);
    assert_eq!(failed.failure_reason.as_deref(), Some("Your card has insufficient funds."));
    assert_eq!(judge(&failed, &declined, at(2)).unwrap(), Verdict::Nothing, "told once");
    assert!(matches!(judge(&failed, &intent("succeeded"), at(3)).unwrap(), Verdict::Deliver(_)));
}

#[test]
fn what_does_not_match_delivers_nothing() {
    let altered = |change: fn(&mut Intent)| {
        let mut intent = intent("succeeded");
        change(&mut intent);
        intent
    };
    let known = Payment { intent: Some("pi_1".into()), ..payment() };
    for (what, intent) in [
        ("less was received", altered(|intent| intent.amount_received = Money::from_minor(1999))),
        ("another amount", altered(|intent| intent.amount = Money::from_minor(1))),
        ("another currency", altered(|intent| intent.currency = "idr".into())),
        (
            "another payment's",
            altered(|intent| drop(intent.metadata.insert("payment_id".into(), "q".into()))),
        ),
        ("nobody's", altered(|intent| intent.metadata.clear())),
        ("another intent", altered(|intent| intent.id = "pi_2".into())),
    ] {
        assert_eq!(judge(&known, &intent, at(1)), Err(Refusal::Mismatch), "{what}");
    }
    assert!(matches!(judge(&known, &intent("succeeded"), at(1)), Ok(Verdict::Deliver(_))));
}

#[test]
fn who_takes_an_hour_has_taken_too_long() {
    let made = payment();
    assert_eq!(made.due, Some(at(5)));
    assert!(!is_stale(&made, at(59)) && is_stale(&made, at(60)));
    assert!(
        !is_stale(&Payment { status: Status::Processing, ..made.clone() }, at(600)),
        "the bank takes its time"
    );
    assert_eq!(look_again(&made, at(5)).due, Some(at(15)));
    assert_eq!(look_again(&made, at(60)).due, Some(at(120)));
}

#[test]
fn a_gift_is_sent_in_time() {
    let gift = Gift { email: "kofi@example.org".into(), message: String::new(), send_at: Some(at(600)) };
    let done = complete(&Payment { gift: Some(gift.clone()), ..payment() }, &[], at(1));
    assert_eq!((done.due, due_for(&done)), (Some(at(600)), jobs::GIFT_SEND));
    let late = complete(&Payment { gift: Some(gift), ..payment() }, &[], at(601));
    assert_eq!(late.due, None, "at once");
}
