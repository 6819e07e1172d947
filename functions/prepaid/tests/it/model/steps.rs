//! What may be done in a shop.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::shop::Order;

/// The services that people use vouchers for.
pub const SERVICES: [&str; 3] = ["result_check", "exam_results", "school_application"];

/// What people pay with. What the bank waits for comes about, unless this is a card that is declined.
const CARDS: [&str; 6] = [
    "pm_card_visa",
    "pm_card_mastercard",
    "pm_card_pendingRefund",
    "pm_card_visa_chargeDeclined",
    "pm_card_authenticationRequired",
    "pm_usBankAccount_success",
];

/// One thing that somebody does. An index chooses among what there is by then, whatever became of it.
#[derive(Clone, Debug)]
pub enum Step {
    Buy { order: Order, card: &'static str },
    Begin { order: Order },
    Pay { payment: Index, card: &'static str, heard: bool },
    Confirm { payment: Index, who: usize },
    Redeem { who: usize, voucher: Index, service: &'static str },
    Guess { who: usize },
    Reserve { who: usize, voucher: Index, service: &'static str, minutes: u64 },
    EndHold { hold: Index, who: usize, spent: bool },
    Claim { who: usize, voucher: Index },
    RollBack { usage: Index },
    CallOff { voucher: Index },
    Reschedule { voucher: Index, days: i64 },
    AskBack { payment: Index, who: usize, cents: Option<i64> },
    Decide { refund: Index, approved: bool },
    MoneyMoves { refund: Index, arrived: bool },
    Dispute { payment: Index },
    Retype { of: usize, change: Retype },
    Limit { discount: usize, change: Limit },
    Wait { minutes: u64 },
    Look { where_to: usize },
}

/// What is changed of a type.
#[derive(Clone, Copy, Debug)]
pub enum Retype {
    Price(i64),
    Uses(usize),
    Days(u32),
    OnSale(bool),
}

/// What is changed of a discount.
#[derive(Clone, Copy, Debug)]
pub enum Limit {
    Given(bool),
    Most(Option<usize>),
}

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (index, who) = (any::<Index>, || 0..2_usize);
    let (card, service) = (|| select(&CARDS[..]), || select(&SERVICES[..]));
    let buying = prop_oneof![
        4 => (orders(), card()).prop_map(|(order, card)| Step::Buy { order, card }),
        3 => orders().prop_map(|order| Step::Begin { order }),
        4 => (index(), card(), any::<bool>())
            .prop_map(|(payment, card, heard)| Step::Pay { payment, card, heard }),
        3 => (index(), who()).prop_map(|(payment, who)| Step::Confirm { payment, who }),
        1 => (0..2_usize, retypes()).prop_map(|(of, change)| Step::Retype { of, change }),
        1 => (0..3_usize, limits()).prop_map(|(discount, change)| Step::Limit { discount, change }),
    ];
    let using = prop_oneof![
        6 => (who(), index(), service())
            .prop_map(|(who, voucher, service)| Step::Redeem { who, voucher, service }),
        1 => who().prop_map(|who| Step::Guess { who }),
        4 => (who(), index(), service(), select(vec![1, 30, 120])).prop_map(
            |(who, voucher, service, minutes)| Step::Reserve { who, voucher, service, minutes }),
        4 => (index(), who(), any::<bool>()).prop_map(|(hold, who, spent)| Step::EndHold { hold, who, spent }),
        2 => (who(), index()).prop_map(|(who, voucher)| Step::Claim { who, voucher }),
        3 => index().prop_map(|usage| Step::RollBack { usage }),
        1 => index().prop_map(|voucher| Step::CallOff { voucher }),
        2 => (index(), select(vec![-1, 1, 60]))
            .prop_map(|(voucher, days)| Step::Reschedule { voucher, days }),
    ];
    let giving_back = prop_oneof![
        4 => (index(), who(), option::of(select(vec![1, 500, 1000, 1999, 100_000])))
            .prop_map(|(payment, who, cents)| Step::AskBack { payment, who, cents }),
        4 => (index(), prop::bool::weighted(0.7))
            .prop_map(|(refund, approved)| Step::Decide { refund, approved }),
        3 => (index(), any::<bool>()).prop_map(|(refund, arrived)| Step::MoneyMoves { refund, arrived }),
        1 => index().prop_map(|payment| Step::Dispute { payment }),
    ];
    let step = prop_oneof![
        7 => buying,
        8 => using,
        5 => giving_back,
        // Short ones come to less than an hour in all, which is how long a payment may wait.
        2 => select(vec![1, 2 * 60, 26 * 60, 8 * 24 * 60, 31 * 24 * 60])
            .prop_map(|minutes| Step::Wait { minutes }),
        1 => (0..3_usize).prop_map(|where_to| Step::Look { where_to }),
    ];
    vec(step, 1..50)
}

fn orders() -> impl Strategy<Value = Order> {
    let quantity = select(vec![1, 1, 2, 3, 6]);
    // One more discount than there is.
    let discount = option::weighted(0.4, 0..4_usize);
    (0..2_usize, 0..2_usize, quantity, discount, prop::bool::weighted(0.3))
        .prop_map(|(who, of, quantity, discount, gift)| Order { who, of, quantity, discount, gift })
}

fn retypes() -> impl Strategy<Value = Retype> {
    prop_oneof![
        select(vec![1000, 1250, 1999]).prop_map(Retype::Price),
        (1..4_usize).prop_map(Retype::Uses),
        select(vec![1, 3, 30]).prop_map(Retype::Days),
        prop::bool::weighted(0.7).prop_map(Retype::OnSale),
    ]
}

fn limits() -> impl Strategy<Value = Limit> {
    prop_oneof![any::<bool>().prop_map(Limit::Given), option::of(1..4_usize).prop_map(Limit::Most)]
}
