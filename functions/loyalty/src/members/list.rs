//! How members are listed.

use table::{Asked, Collection, Filter, Index, Kept, Order, Row, Search, Way, split};
use wire::{Choice, PageLimits};

use super::store::{BY_POINTS, LIVING, living_key, standing_partition};
use super::{Member, Status, WORDS};
use crate::figures::{FIGURES, of_members};
use crate::ids::Number;
use crate::points::MOST;
use crate::tiers::Tier;

/// All living members, the newest first.
///
/// Numbers are drawn in the order of enrolment, so that rows which stand by number stand by time as well.
pub static MEMBERS: Collection<Member> = Collection {
    name: "loyalty/members",
    limits: LIMITS,
    ways: &[
        Way::table(|_| Some(vec![LIVING.to_owned()])).orders(&["created_at"]),
        Way::table(|_| Some(vec![LIVING.to_owned()])).orders(&["id"]),
        Way::index(Index::Gsi1, standings).answers(&["status", "tier_level"]).orders(&["created_at"]),
        Way::index(Index::Gsi1, standings).answers(&["status", "tier_level"]).orders(&["id"]),
        Way::index(Index::Gsi2, |_| Some(vec![BY_POINTS.to_owned()]))
            .answers(&["min_points", "max_points"])
            .orders(&["total_points"])
            .narrow(|asked, query| {
                // Nobody has more than the most: beyond it numbers outgrow the digits of the key.
                let least = asked.whole("min_points").unwrap_or_default().clamp(0, MOST + 1);
                let most = asked.whole("max_points").unwrap_or(MOST).clamp(-1, MOST);
                // `$` follows `#`, so that all members with the most points are included; before 0 there is nobody.
                let end = if most < 0 { " ".to_owned() } else { format!("{most:010}$") };
                query.between(format!("{least:010}"), end)
            }),
    ],
    filters: &[BY_STATUS, BY_TIER, AT_LEAST, AT_MOST],
    orders: ORDERS,
    default_order: "-created_at",
    search: Some(Search {
        scope: |_| WORDS.to_owned(),
        key: |_, id| living_key(Number::from_key(id).unwrap_or(Number(0))),
        order: "created_at",
    }),
    count: |asked| {
        let figures = matching(asked).map(|(status, tier)| of_members(status, tier));
        asked.only(&["status", "tier_level"]).then(|| Kept::sum(FIGURES, figures))
    },
    columns: &[],
};

/// The one member that a caller is, as a list.
pub static OWN: Collection<Member> = Collection {
    name: "loyalty/members/own",
    limits: LIMITS,
    ways: &[Way::table(|_| Some(vec![LIVING.to_owned()]))
        .orders(&["created_at"])
        .narrow(|asked, query| query.between(asked.of(), asked.of()).strong())],
    filters: &[SEARCHED, BY_STATUS, BY_TIER, AT_LEAST, AT_MOST],
    orders: ORDERS,
    default_order: "-created_at",
    search: None,
    count: |_| None,
    columns: &[],
};

const LIMITS: PageLimits = PageLimits::up_to(50, 200);

const SEARCHED: Filter<Member> = Filter::text("search", |member: &Member, sought| {
    member.words().is_some_and(|words| words.answer(WORDS, &split(sought)))
})
.about("Words of id, name, address or telephone.");

const BY_STATUS: Filter<Member> =
    Filter::choice::<Status>("status", |member: &Member, status| member.status.as_str() == status)
        .about("Whether the member may redeem.");
const BY_TIER: Filter<Member> =
    Filter::choice::<Tier>("tier_level", |member: &Member, tier| member.tier_level.as_str() == tier)
        .about("The tier.");
const AT_LEAST: Filter<Member> =
    Filter::whole("min_points", |member: &Member, least| member.total_points >= least)
        .about("At least so many points.");
const AT_MOST: Filter<Member> =
    Filter::whole("max_points", |member: &Member, most| member.total_points <= most)
        .about("At most so many points.");

const ORDERS: &[Order<Member>] = &[
    Order::by("id", |a, b| a.number.cmp(&b.number)),
    Order::by("name", |a, b| a.name.cmp(&b.name)),
    Order::by("email", |a, b| a.email.cmp(&b.email)),
    Order::by("join_date", |a, b| a.join_date.cmp(&b.join_date)),
    Order::by("total_points", |a, b| a.total_points.cmp(&b.total_points)),
    Order::by("tier_level", |a, b| a.tier_level.cmp(&b.tier_level)),
    Order::by("status", |a, b| a.status.as_str().cmp(b.status.as_str())),
    Order::by("created_at", |a, b| a.number.cmp(&b.number)),
    Order::by("updated_at", |a, b| a.updated_at.cmp(&b.updated_at)),
];

/// The partitions that a status, a tier or both lead to.
fn standings(asked: &Asked) -> Option<Vec<String>> {
    let narrowed = asked.text("status").is_some() || asked.text("tier_level").is_some();
    narrowed.then(|| matching(asked).map(|(status, tier)| standing_partition(status, tier)).collect())
}

/// The statuses and tiers that are asked for.
fn matching(asked: &Asked) -> impl Iterator<Item = (Status, Tier)> {
    let (status, tier) = (asked.text("status"), asked.text("tier_level"));
    let wanted = move |choice: &str, asked: Option<&str>| asked.is_none_or(|asked| asked == choice);
    let all = Status::ALL.iter().flat_map(|status| Tier::ALL.iter().map(|tier| (*status, *tier)));
    all.filter(move |(s, t)| wanted(s.as_str(), status) && wanted(t.as_str(), tier))
}
