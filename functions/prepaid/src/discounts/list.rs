//! How discounts are listed.

use table::{Collection, Filter, Order, Way};
use wire::PageLimits;

use super::Discount;
use super::store::DISCOUNTS;

/// All discounts, the newest first, as the newest write left them. There are some tens.
pub static ALL: Collection<Discount> = Collection {
    name: "prepaid/discounts",
    limits: PageLimits::up_to(20, 100),
    ways: &[Way::table(|_| Some(vec![DISCOUNTS.to_owned()])).narrow(|_, query| query.strong())],
    filters: &[
        Filter::words("search", |discount: &Discount| vec![&discount.code, &discount.description])
            .about("Words of code or description."),
        Filter::flag("is_active", |discount: &Discount, active| discount.is_active == active)
            .about("Whether it is given at all."),
    ],
    orders: &[
        Order::by("created_at", |a, b| (a.created_at, &a.code).cmp(&(b.created_at, &b.code))),
        Order::by("code", |a, b| a.code.cmp(&b.code)),
    ],
    default_order: "-created_at",
    search: None,
    count: |_| None,
    columns: &[],
};
