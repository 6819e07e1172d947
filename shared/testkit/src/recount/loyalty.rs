//! What must add up in the loyalty programme: each ledger, each redemption, each stock, and whatever is counted of them.

use std::collections::{BTreeMap, BTreeSet};

use loyalty::ids::Number;
use loyalty::members::{self, Member};
use loyalty::points::lots::Lot;
use loyalty::points::{Entry, Kind, store::member_partition};
use loyalty::redeem::{Redemption, Status};
use loyalty::tiers::rules::reached;
use loyalty::vouchers::{self, Voucher};
use loyalty::{Basis, Settings};
use serde_json::Value;
use table::{Key, Query, Row};
use wire::folded;

use crate::{Shelf, World};

/// All that the programme holds.
struct Programme {
    members: Vec<Member>,
    ledger: Vec<Entry>,
    redemptions: Vec<Redemption>,
    lots: Vec<Lot>,
    vouchers: Vec<Voucher>,
    shelf: Shelf,
    settings: Settings,
}

impl World {
    /// Counts the whole programme anew and insists that everything agrees with its ledgers. Tells of each voucher how
    /// many are left and how many are with members, which together must be what was stocked.
    pub async fn recount_loyalty(&self) -> BTreeMap<String, (i64, i64)> {
        let mut programme = self.programme().await;
        self.figures_agree().await;
        programme.each_is_there_once();
        programme.vouchers_count_their_day();
        programme.what_is_unique_is_held_once();
        for member in std::mem::take(&mut programme.members) {
            programme.ledger_is_the_balance(&member);
            programme.redemptions_are_paid_for(&member);
            programme.limits_count_what_is_held(&member);
            programme.members.push(member);
        }
        let held = |voucher: &Voucher| programme.redemptions_of(voucher).filter(|one| is_live(one)).count();
        let stocks = programme.vouchers.iter().map(|voucher| {
            let held = i64::try_from(held(voucher)).expect("a test's stock");
            (voucher.id.clone(), (voucher.stock, held))
        });
        stocks.collect()
    }

    async fn programme(&self) -> Programme {
        let env = self.whole.host("loyalty-http").expect("the function is in the template").env;
        let mut programme = Programme {
            members: self.everywhere(members::store::LIVING, &members::store::gone_key(Number(0))).await,
            ledger: Vec::new(),
            redemptions: Vec::new(),
            lots: Vec::new(),
            vouchers: self.everywhere(vouchers::store::LIVING, &vouchers::store::gone_key("")).await,
            shelf: self.shelf().await,
            settings: Settings::read(&env).expect("the settings read"),
        };
        for member in &programme.members {
            let own = |prefix| Query::partition(member_partition(member.number())).prefix(prefix).strong();
            programme.ledger.extend(self.rows(own("POINT#")).await);
            programme.redemptions.extend(self.rows(own("REDEEM#")).await);
            programme.lots.extend(self.rows(own("LOT#")).await);
        }
        programme
    }

    /// The living, and those that are gone.
    async fn everywhere<R: Row>(&self, living: &str, gone: &Key) -> Vec<R> {
        let mut rows = self.rows(Query::partition(living).strong()).await;
        rows.extend(self.rows(Query::partition(gone.pk()).strong()).await);
        rows
    }

    async fn rows<R: Row>(&self, query: Query) -> Vec<R> {
        self.table.all(query).await.expect("the rows read")
    }
}

fn is_live(redemption: &Redemption) -> bool {
    redemption.status != Status::Cancelled
}

impl Programme {
    fn redemptions_of(&self, voucher: &Voucher) -> impl Iterator<Item = &Redemption> {
        self.redemptions.iter().filter(|redemption| redemption.voucher == voucher.id)
    }

    fn each_is_there_once(&self) {
        let numbers: BTreeSet<u32> = self.members.iter().map(|member| member.number).collect();
        assert_eq!(numbers.len(), self.members.len(), "somebody is here and gone");
        let vouchers: BTreeSet<&str> = self.vouchers.iter().map(|voucher| voucher.id.as_str()).collect();
        assert_eq!(vouchers.len(), self.vouchers.len(), "a voucher is here and gone");
        let (points, redemptions) =
            (self.shelf.of_kind("points").count(), self.shelf.of_kind("redemption").count());
        assert_eq!((points, redemptions), (self.ledger.len(), self.redemptions.len()), "rows of nobody");
    }

    /// The sum of the ledger is the balance, at every one of its rows and in each way it is counted.
    fn ledger_is_the_balance(&self, member: &Member) {
        let (who, figures) = (member.number(), member.figures);
        let mut sum = 0;
        let mut by_kind: BTreeMap<&str, i64> = BTreeMap::new();
        let ledger: Vec<&Entry> = self.ledger.iter().filter(|entry| entry.member == member.number).collect();
        for (entry, running) in ledger.iter().zip(1..) {
            sum += entry.points;
            assert_eq!((entry.running, entry.balance), (running, sum), "{who} at {}", entry.id);
            assert!(sum >= 0, "{who} was below zero at {}", entry.id);
            *by_kind.entry(wire::Choice::as_str(entry.kind)).or_default() += entry.points;
        }
        assert_eq!(member.total_points, sum, "what {who} holds");
        assert_eq!(usize::try_from(member.entries), Ok(ledger.len()), "the entries of {who}");
        assert_eq!(member.credited - member.debited, sum, "credits less debits of {who}");
        let counted =
            ["earn", "redeem", "expire", "adjustment"].map(|kind| by_kind.get(kind).copied().unwrap_or(0));
        let kept = [figures.earned, figures.redeemed, figures.expired, figures.adjusted];
        assert_eq!(kept, counted, "the figures of {who}");
        // Whoever edited the member since may have set another tier by hand.
        let moved = ledger.iter().rfind(|entry| entry.points != 0);
        let follows = moved.is_some_and(|entry| entry.at == member.updated_at);
        if self.settings.basis == Basis::Balance && follows {
            assert_eq!(member.tier_level, reached(sum, &self.settings), "the tier of {who}");
        }
        let lots = self.lots.iter().filter(|lot| lot.member == member.number);
        let left: i64 = lots.map(|lot| lot.left(member.debited)).sum();
        assert!((0..=sum).contains(&left), "{left} points of {who}, who holds {sum}, expire");
    }

    /// Each redemption was paid for once, and paid back once if it was taken back.
    fn redemptions_are_paid_for(&self, member: &Member) {
        let who = member.number();
        let own: Vec<&Redemption> =
            self.redemptions.iter().filter(|one| one.member == member.number).collect();
        let mut counted = members::Figures::default();
        for (redemption, running) in own.iter().zip(1..) {
            assert_eq!(redemption.running, running, "the redemptions of {who}");
            *counted.in_state(redemption.status) += 1;
            counted.spent += redemption.paid();
            let entries = self.ledger.iter().filter(|entry| {
                entry.member == member.number && entry.reference.as_ref() == Some(&redemption.id)
            });
            let booked: Vec<(Kind, i64)> = entries.map(|entry| (entry.kind, entry.points)).collect();
            let (paid, back) =
                ((Kind::Redeem, -redemption.points_cost), (Kind::Adjustment, redemption.points_cost));
            let expected = if is_live(redemption) { vec![paid] } else { vec![paid, back] };
            assert_eq!(booked, expected, "what was booked for {}", redemption.id);
            assert_eq!(
                redemption.used_date.is_some(),
                redemption.status == Status::Used,
                "{}",
                redemption.id
            );
        }
        assert_eq!(usize::try_from(member.redemptions), Ok(own.len()), "the redemptions of {who}");
        let states = |figures: members::Figures| {
            [figures.pending, figures.completed, figures.used, figures.cancelled, figures.spent]
        };
        assert_eq!(
            states(member.figures),
            states(counted),
            "the redemptions of {who} by state, and what was paid"
        );
    }

    fn limits_count_what_is_held(&self, member: &Member) {
        let partition = member_partition(member.number());
        for limit in self.shelf.of_kind("limit").filter(|limit| limit["pk"]["S"] == partition.as_str()) {
            let voucher = limit["sk"]["S"].as_str().and_then(|key| key.strip_prefix("LIMIT#"));
            let held = self.redemptions.iter().filter(|one| {
                one.limited
                    && is_live(one)
                    && one.member == member.number
                    && Some(one.voucher.as_str()) == voucher
            });
            assert_eq!(usize::try_from(super::number(limit, "count")), Ok(held.count()), "{limit}");
        }
    }

    /// The stock never falls below nothing, and a day's count is of what was sold and kept on it.
    fn vouchers_count_their_day(&self) {
        for voucher in &self.vouchers {
            assert!(voucher.stock >= 0, "{voucher:?}");
            let Some(day) = voucher.sold_on else { continue };
            let given_back = |one: &Redemption| !is_live(one) && one.updated_at.day() == day;
            let sold = self.redemptions_of(voucher);
            let sold = sold.filter(|one| one.daily && one.created_at.day() == day && !given_back(one));
            assert_eq!(usize::try_from(voucher.sold), Ok(sold.count()), "sold of {} on {day}", voucher.code);
        }
    }

    /// One row for each address, account and code of the living and for each reference, and none besides.
    fn what_is_unique_is_held_once(&self) {
        let living = || self.members.iter().filter(|member| member.deleted_at.is_none());
        let emails = living().map(|member| ("EMAIL", folded(&member.email), member.number().to_string()));
        let accounts = living().filter_map(|member| {
            Some(("ACCOUNT", format!("{:016}", member.user_id?), member.number().to_string()))
        });
        let vouchers = self.vouchers.iter().filter(|voucher| voucher.deleted_at.is_none());
        let codes = vouchers.map(|voucher| ("CODE", voucher.code.clone(), voucher.id.clone()));
        let earned = self.ledger.iter().filter(|entry| entry.kind == Kind::Earn);
        let references =
            earned.filter_map(|entry| Some(("REFERENCE", entry.reference.clone()?, entry.id.clone())));
        let expected: Vec<_> = emails.chain(accounts).chain(codes).chain(references).collect();
        let text = |item: &Value, name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
        let what = |item: &Value| {
            let of = text(item, "pk").strip_prefix("LOYALTY#UNIQUE#")?.split_once('#')?.0.to_owned();
            Some((of, text(item, "value"), text(item, "owner")))
        };
        let held: BTreeSet<(String, String, String)> =
            self.shelf.of_kind("unique").filter_map(what).collect();
        let once: BTreeSet<_> =
            expected.iter().cloned().map(|(what, value, owner)| (what.to_owned(), value, owner)).collect();
        assert_eq!(once.len(), expected.len(), "something unique is there twice: {expected:?}");
        assert_eq!(held, once, "what is held to be unique");
    }
}
