//! What points are redeemed for: vouchers, and what becomes of a redemption.

use std::time::Duration;

use super::programme::{About, MOST, No, Programme, nothing, wrong};

/// How a voucher is offered. Days are counted from the first one.
#[derive(Clone, Debug)]
pub struct Terms {
    pub code: usize,
    pub cost: i64,
    pub stock: i64,
    pub starts: i64,
    pub ends: i64,
    /// What staff want it to show.
    pub wanted: &'static str,
    pub per_member: Option<i64>,
    pub per_day: Option<i64>,
    pub least_tier: Option<usize>,
}

/// What is to be changed of a voucher. Days are counted from today.
#[derive(Clone, Copy, Debug)]
pub enum Edit {
    Code(usize),
    Cost(i64),
    Stock(i64),
    Starts(i64),
    Ends(i64),
    Wanted(&'static str),
    PerMember(Option<i64>),
    PerDay(Option<i64>),
    LeastTier(Option<usize>),
}

#[derive(Debug)]
pub struct Voucher {
    pub id: String,
    pub terms: Terms,
    pub here: bool,
}

impl Voucher {
    /// What it shows on a day.
    pub fn shows(&self, today: i64) -> &'static str {
        let terms = &self.terms;
        if terms.ends < today || terms.wanted == "Expired" {
            "Expired"
        } else if terms.wanted == "Inactive" || terms.starts > today {
            "Inactive"
        } else {
            "Active"
        }
    }
}

#[derive(Debug)]
pub struct Redemption {
    pub id: String,
    pub member: usize,
    pub voucher: usize,
    /// The voucher's code, and its last day, at that time.
    pub code: usize,
    pub good_until: i64,
    pub cost: i64,
    pub state: &'static str,
    pub at: Duration,
    pub used: Option<Duration>,
    /// Whether the voucher was limited by member, and by day, when it was redeemed.
    limited: (bool, bool),
}

impl Redemption {
    pub fn counts(&self) -> bool {
        self.state != "Cancelled"
    }

    fn day(&self) -> u64 {
        self.at.as_secs() / 86_400
    }
}

impl Programme {
    fn fits(&self, terms: &Terms, of: Option<usize>) -> Result<(), No> {
        if terms.ends < terms.starts {
            return Err(wrong("end_date", "End date must be after start date"));
        }
        let mut others = self.vouchers.iter().enumerate().filter(|(at, _)| Some(*at) != of);
        if others.any(|(_, voucher)| voucher.here && voucher.terms.code == terms.code) {
            return Err(wrong("code", "Voucher with this code already exists."));
        }
        Ok(())
    }

    /// A new voucher, whose id is told by the answer.
    pub fn offer(&mut self, terms: Terms) -> Result<(), No> {
        self.fits(&terms, None)?;
        self.vouchers.push(Voucher { id: String::new(), terms, here: true });
        Ok(())
    }

    pub fn change(&mut self, at: usize, edit: Edit) -> Result<(), No> {
        let (voucher, today) = (&self.vouchers[at], self.today());
        if !voucher.here {
            return Err(No::NotFound);
        }
        let mut terms = voucher.terms.clone();
        match edit {
            Edit::Code(code) => terms.code = code,
            Edit::Cost(cost) => terms.cost = cost,
            Edit::Stock(stock) => terms.stock = stock,
            Edit::Starts(days) => terms.starts = today + days,
            Edit::Ends(days) => terms.ends = today + days,
            // What it shows already is not wanted by that.
            Edit::Wanted(shown) if shown == voucher.shows(today) => {}
            Edit::Wanted(wanted) => terms.wanted = wanted,
            Edit::PerMember(limit) => terms.per_member = limit,
            Edit::PerDay(limit) => terms.per_day = limit,
            Edit::LeastTier(tier) => terms.least_tier = tier,
        }
        self.fits(&terms, Some(at))?;
        self.vouchers[at].terms = terms;
        Ok(())
    }

    pub fn withdraw(&mut self, at: usize) -> Result<(), No> {
        if std::mem::take(&mut self.vouchers[at].here) { Ok(()) } else { Err(No::NotFound) }
    }

    /// Redeems points for a voucher; the id is told by the answer. Who looks after itself sees no member but its own.
    pub fn redeem(&mut self, by: usize, of: usize, state: &'static str, myself: bool) -> Result<(), No> {
        let (member, voucher, today) = (&self.members[by], &self.vouchers[of], self.today());
        let mut faults = Vec::new();
        if !member.here || myself && self.own() != Some(by) {
            faults.push(nothing("member", &member.id));
        }
        if !voucher.here {
            faults.push(nothing("voucher", &voucher.id));
        }
        if !faults.is_empty() {
            return Err(No::Wrong(faults));
        }
        let state = if myself { "Pending" } else { state };
        if !["Pending", "Completed"].contains(&state) {
            return Err(wrong("status", "A new redemption must be Pending or Completed."));
        }
        let terms = &voucher.terms;
        let sold = || self.redemptions.iter().filter(|one| one.voucher == of && one.counts());
        let to_member = sold().filter(|one| one.member == by && one.limited.0).count();
        let on_day = sold().filter(|one| one.day() == self.now.as_secs() / 86_400 && one.limited.1).count();
        let reached = |limit: Option<i64>, sold: usize| {
            limit.is_some_and(|limit| i64::try_from(sold).unwrap() >= limit)
        };
        for (refused, field, text) in [
            (!member.active, "member", "Member is not active"),
            (member.points() < terms.cost, "member", "Insufficient points for redemption"),
            (voucher.shows(today) != "Active", "voucher", "Voucher is not available"),
            (terms.stock == 0, "voucher", "Voucher is out of stock"),
            (
                terms.least_tier.is_some_and(|least| member.tier < least),
                "member",
                "Member's tier is too low for this voucher",
            ),
            (reached(terms.per_day, on_day), "voucher", "Voucher has reached its limit for today"),
            (reached(terms.per_member, to_member), "voucher", "Member has reached the limit of this voucher"),
        ] {
            if refused {
                return Err(wrong(field, text));
            }
        }
        let (cost, code, good_until) = (terms.cost, terms.code, terms.ends);
        let limited = (terms.per_member.is_some(), terms.per_day.is_some());
        self.vouchers[of].terms.stock -= 1;
        let (about, who) =
            (About::Redemption(self.redemptions.len()), if myself { "visitor" } else { "staff1" });
        self.members[by].write("redeem", -cost, who, about);
        let (id, at, used) = (String::new(), self.now, None);
        self.redemptions.push(Redemption {
            id,
            member: by,
            voucher: of,
            code,
            good_until,
            cost,
            state,
            at,
            used,
            limited,
        });
        Ok(())
    }

    /// Lets a redemption go to another state. Who looks after itself may only take back what is its own and waits.
    pub fn go(&mut self, at: usize, to: &'static str, myself: bool, by_cancelling: bool) -> Result<(), No> {
        let redemption = &self.redemptions[at];
        let from = redemption.state;
        if myself && self.own() != Some(redemption.member) {
            return Err(No::NotFound);
        }
        if myself && !(by_cancelling && from == "Pending") {
            return Err(No::Forbidden);
        }
        match (from, to) {
            ("Pending", "Pending") | ("Completed", "Completed") => Ok(()),
            ("Pending" | "Completed", "Cancelled") => {
                self.cancel(at, if myself { "visitor" } else { "staff1" })
            }
            ("Pending", "Completed") | ("Pending" | "Completed", "Used") => {
                let used = (to == "Used").then_some(self.now);
                let redemption = &mut self.redemptions[at];
                (redemption.state, redemption.used) = (to, used);
                Ok(())
            }
            _ => Err(wrong("status", format!("Cannot change status from {from} to {to}"))),
        }
    }

    /// Takes a redemption back: what was paid returns, and the voucher to its stock, if it is still there.
    pub fn cancel(&mut self, at: usize, by: &'static str) -> Result<(), No> {
        let redemption = &mut self.redemptions[at];
        let member = &mut self.members[redemption.member];
        if member.points() + redemption.cost > MOST {
            return Err(wrong("member", "The balance cannot hold the refund"));
        }
        redemption.state = "Cancelled";
        member.write("adjustment", redemption.cost, by, About::Redemption(at));
        let voucher = &mut self.vouchers[redemption.voucher];
        voucher.terms.stock += i64::from(voucher.here);
        Ok(())
    }
}
