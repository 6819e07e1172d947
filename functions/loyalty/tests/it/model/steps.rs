//! What may be done with a programme.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::goods::{Edit, Terms};
use super::programme::Change;

pub const EMAILS: [&str; 4] = ["rina@mail.test", "budi@mail.test", "sari@mail.test", "dewi@mail.test"];
pub const CODES: [&str; 3] = ["KOPI20", "TEH", "ROTI"];
pub const STATES: [&str; 4] = ["Pending", "Completed", "Cancelled", "Used"];
pub const RECEIPTS: [&str; 2] = ["receipt 8841", "receipt 8842"];
const KINDS: [&str; 4] = ["earn", "redeem", "expire", "adjustment"];
const SHOWN: [&str; 3] = ["Active", "Inactive", "Expired"];
const WAYS: [&str; 5] = ["PUT", "PATCH", "update-status", "mark-used", "cancel"];

/// One thing that somebody does. An index chooses among what there is by then, whether it is still there or not.
#[derive(Clone, Debug)]
pub enum Step {
    Enrol { email: &'static str, capitals: bool },
    Edit { member: Index, change: Change },
    Leave { member: Index },
    Book { member: Index, kind: &'static str, points: i64, receipt: Option<usize> },
    Offer { terms: Terms },
    Change { voucher: Index, edit: Edit, whole: bool },
    Withdraw { voucher: Index },
    Redeem { member: Index, voucher: Index, state: &'static str, myself: bool },
    Go { redemption: Index, way: &'static str, to: &'static str, myself: bool },
    Wait { minutes: u64 },
    Look { where_to: usize },
}

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let index = any::<Index>;
    // Most of what is done is done by the desk.
    let myself = || prop::bool::weighted(0.25);
    let state = || prop_oneof![4 => select(&STATES[..2]), 1 => select(&STATES[2..])];
    let points = || select(vec![1, 100, 300, 300, 700, 1200, -50, -400, 0, 2_147_483_647]);
    let step = prop_oneof![
        2 => (select(&EMAILS[..]), any::<bool>()).prop_map(|(email, capitals)| Step::Enrol { email, capitals }),
        3 => (index(), changes()).prop_map(|(member, change)| Step::Edit { member, change }),
        1 => index().prop_map(|member| Step::Leave { member }),
        8 => (index(), select(&KINDS[..]), points(), option::weighted(0.3, 0..RECEIPTS.len())).prop_map(
            |(member, kind, points, receipt)| Step::Book { member, kind, points, receipt }),
        2 => terms().prop_map(|terms| Step::Offer { terms }),
        4 => (index(), edits(), any::<bool>())
            .prop_map(|(voucher, edit, whole)| Step::Change { voucher, edit, whole }),
        1 => index().prop_map(|voucher| Step::Withdraw { voucher }),
        10 => (index(), index(), state(), myself()).prop_map(
            |(member, voucher, state, myself)| Step::Redeem { member, voucher, state, myself }),
        8 => (index(), select(&WAYS[..]), select(&STATES[..]), myself())
            .prop_map(|(redemption, way, to, myself)| Step::Go { redemption, way, to, myself }),
        3 => select(vec![1, 60, 15 * 60 + 29, 24 * 60, 72 * 60, 29 * 24 * 60])
            .prop_map(|minutes| Step::Wait { minutes }),
        2 => (0..4_usize).prop_map(|where_to| Step::Look { where_to }),
    ];
    vec(step, 1..60)
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        select(&EMAILS[..]).prop_map(Change::Email),
        any::<bool>().prop_map(Change::Active),
        (0..4_usize).prop_map(Change::Tier),
        any::<bool>().prop_map(Change::Linked),
    ]
}

fn costs() -> impl Strategy<Value = i64> {
    select(vec![0, 100, 250, 250, 600])
}

fn limits() -> impl Strategy<Value = Option<i64>> {
    option::weighted(0.4, 1..3_i64)
}

fn terms() -> impl Strategy<Value = Terms> {
    let days = (-2..2_i64, -1..6_i64);
    let limited = (limits(), limits(), option::weighted(0.2, 1..4_usize));
    (0..CODES.len(), costs(), 0..4_i64, days, limited).prop_map(|(code, cost, stock, days, limited)| {
        let ((starts, lasts), (per_member, per_day, least_tier)) = (days, limited);
        let (ends, wanted) = (starts + lasts, "Active");
        Terms { code, cost, stock, starts, ends, wanted, per_member, per_day, least_tier }
    })
}

fn edits() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (0..CODES.len()).prop_map(Edit::Code),
        costs().prop_map(Edit::Cost),
        (0..4_i64).prop_map(Edit::Stock),
        (-3..3_i64).prop_map(Edit::Starts),
        (-3..9_i64).prop_map(Edit::Ends),
        select(&SHOWN[..]).prop_map(Edit::Wanted),
        limits().prop_map(Edit::PerMember),
        limits().prop_map(Edit::PerDay),
        option::of(1..4_usize).prop_map(Edit::LeastTier),
    ]
}
