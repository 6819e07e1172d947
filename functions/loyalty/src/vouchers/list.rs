//! How vouchers are listed.

use table::{Collection, Filter, Order, Way};
use wire::{Choice, PageLimits};

use super::store::LIVING;
use super::{Kind, Status, Voucher, rules};

/// All living vouchers, the newest first, as the newest write left them.
///
/// There are some hundreds at most, and what they show changes with the day: a filter looks at all of them.
pub static VOUCHERS: Collection<Voucher> = Collection {
    name: "loyalty/vouchers",
    limits: PageLimits::up_to(50, 200),
    ways: &[Way::table(|_| Some(vec![LIVING.to_owned()]))
        .orders(&["created_at"])
        .narrow(|_, query| query.strong())],
    filters: &[
        Filter::words("search", |voucher: &Voucher| vec![&voucher.code, &voucher.name, &voucher.description])
            .about("Words of code, name or description."),
        Filter::choice::<Kind>("type", |voucher: &Voucher, kind| voucher.kind.as_str() == kind)
            .about("The kind of reward."),
        Filter::choice_at::<Status>("status", |voucher: &Voucher, status, now| {
            rules::shown(voucher, now.day()).as_str() == status
        })
        .about("What it shows today."),
        Filter::flag_at("available", |voucher: &Voucher, available, now| {
            rules::is_available(voucher, now.day()) == available
        })
        .about("Whether it can be redeemed today."),
        Filter::whole("min_points", |voucher: &Voucher, least| voucher.points_cost >= least)
            .about("Costs so many points at least."),
        Filter::whole("max_points", |voucher: &Voucher, most| voucher.points_cost <= most)
            .about("Costs so many points at most."),
    ],
    orders: &[
        Order::by("code", |a, b| a.code.cmp(&b.code)),
        Order::by("name", |a, b| a.name.cmp(&b.name)),
        Order::by("points_cost", |a, b| a.points_cost.cmp(&b.points_cost)),
        Order::by("stock", |a, b| a.stock.cmp(&b.stock)),
        Order::by("start_date", |a, b| a.start_date.cmp(&b.start_date)),
        Order::by("end_date", |a, b| a.end_date.cmp(&b.end_date)),
        Order::by("created_at", |a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id))),
    ],
    default_order: "-created_at",
    search: None,
    count: |_| None,
    columns: &[],
};
