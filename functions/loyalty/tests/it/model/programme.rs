//! What a loyalty programme is, in as few words as possible and without a table: members and what they hold.

use std::time::Duration;

use super::goods::{Redemption, Voucher};

/// The tiers, and the points that they begin at.
pub const TIERS: [(&str, i64); 4] = [("Bronze", 0), ("Silver", 500), ("Gold", 1000), ("Platinum", 2500)];

/// How many days earned points last, and how long a redemption may wait.
pub const POINTS_LAST: i64 = 30;
const WAITS: Duration = Duration::from_hours(48);

/// The most that a balance can hold.
pub const MOST: i64 = 2_147_483_647;

/// Why something is not done.
#[derive(Debug, PartialEq, Eq)]
pub enum No {
    /// There is no such thing, as far as the caller is told.
    NotFound,
    /// It is not the caller's to do.
    Forbidden,
    /// What is wrong with the wish, by field.
    Wrong(Vec<(&'static str, String)>),
}

pub fn wrong(field: &'static str, text: impl Into<String>) -> No {
    No::Wrong(vec![(field, text.into())])
}

/// What is said of an id that leads nowhere.
pub fn nothing(field: &'static str, id: &str) -> (&'static str, String) {
    (field, format!("Invalid pk \"{id}\" - object does not exist."))
}

/// One change of a balance.
#[derive(Debug)]
pub struct Line {
    pub kind: &'static str,
    pub points: i64,
    pub by: &'static str,
    pub about: About,
}

/// What a change of a balance was for.
#[derive(Debug, PartialEq, Eq)]
pub enum About {
    Nothing,
    Receipt(String),
    Redemption(usize),
    Expiry,
}

/// What is to be changed of a member.
#[derive(Clone, Copy, Debug)]
pub enum Change {
    Email(&'static str),
    Active(bool),
    Tier(usize),
    Linked(bool),
}

#[derive(Debug)]
pub struct Member {
    pub id: String,
    pub email: String,
    pub active: bool,
    pub tier: usize,
    /// Whether it is linked to the account of the one who looks after itself.
    pub linked: bool,
    pub here: bool,
    pub ledger: Vec<Line>,
    /// What was ever credited, and on which day it expires, if it still can.
    credits: Vec<(i64, Option<i64>)>,
}

impl Member {
    pub fn points(&self) -> i64 {
        self.ledger.iter().map(|line| line.points).sum()
    }

    /// How many points are missing to the tier above.
    pub fn to_next(&self) -> i64 {
        TIERS.get(self.tier + 1).map_or(0, |(_, from)| (from - self.points()).max(0))
    }

    /// What is left of each credit. The oldest are spent first, so that what is held is what came last.
    fn left(&self) -> Vec<i64> {
        let mut held = self.points();
        let taken = self.credits.iter().rev().map(|(points, _)| {
            let left = held.min(*points);
            held -= left;
            left
        });
        let mut left: Vec<i64> = taken.collect();
        left.reverse();
        left
    }

    /// How many points expire next, and on which day.
    pub fn expires_next(&self) -> Option<(i64, i64)> {
        let left = self.left().into_iter().zip(&self.credits).filter(|(left, _)| *left > 0);
        let left: Vec<(i64, i64)> = left.filter_map(|(left, (_, day))| Some((left, (*day)?))).collect();
        let (_, first) = *left.first()?;
        Some((left.iter().filter(|(_, day)| *day == first).map(|(left, _)| left).sum(), first))
    }

    /// Writes a line of the ledger. The tier follows the balance whenever that changes.
    pub fn write(&mut self, kind: &'static str, points: i64, by: &'static str, about: About) {
        self.ledger.push(Line { kind, points, by, about });
        if points != 0 {
            let held = self.points();
            self.tier = TIERS.iter().rposition(|(_, from)| held >= *from).unwrap_or_default();
        }
    }
}

#[derive(Debug, Default)]
pub struct Programme {
    /// The time since the midnight that the first day began with.
    pub now: Duration,
    pub members: Vec<Member>,
    pub vouchers: Vec<Voucher>,
    pub redemptions: Vec<Redemption>,
}

impl Programme {
    pub fn today(&self) -> i64 {
        i64::try_from(self.now.as_secs() / 86_400).unwrap()
    }

    /// The member that somebody looks after itself with.
    pub fn own(&self) -> Option<usize> {
        self.members.iter().position(|member| member.here && member.linked)
    }

    /// Whether another member than this one has an address.
    fn is_taken(&self, email: &str, by_other_than: Option<usize>) -> bool {
        let mut others = self.members.iter().enumerate().filter(|(at, _)| Some(*at) != by_other_than);
        others.any(|(_, member)| member.here && member.email.eq_ignore_ascii_case(email))
    }

    /// A new member, whose number is told by the answer.
    pub fn enrol(&mut self, email: &str) -> Result<(), No> {
        if self.is_taken(email, None) {
            return Err(wrong("email", "Member with this email already exists."));
        }
        self.members.push(Member {
            id: String::new(),
            email: email.to_owned(),
            active: true,
            tier: 0,
            linked: false,
            here: true,
            ledger: Vec::new(),
            credits: Vec::new(),
        });
        Ok(())
    }

    pub fn edit(&mut self, at: usize, change: Change) -> Result<(), No> {
        let linked_elsewhere = self.own().is_some_and(|own| own != at);
        let taken = matches!(change, Change::Email(email) if self.is_taken(email, Some(at)));
        let member = &mut self.members[at];
        if !member.here {
            return Err(No::NotFound);
        }
        match change {
            Change::Email(_) if taken => {
                return Err(wrong("email", "Member with this email already exists."));
            }
            Change::Email(email) => email.clone_into(&mut member.email),
            Change::Active(active) => member.active = active,
            Change::Tier(tier) => member.tier = tier,
            Change::Linked(true) if linked_elsewhere => {
                return Err(wrong("user_id", "This account is already linked to a member."));
            }
            Change::Linked(linked) => member.linked = linked,
        }
        Ok(())
    }

    pub fn leave(&mut self, at: usize) -> Result<(), No> {
        let member = &mut self.members[at];
        if !std::mem::take(&mut member.here) {
            return Err(No::NotFound);
        }
        member.linked = false;
        Ok(())
    }

    /// Books points by hand; the kind fixes the sign.
    pub fn book(
        &mut self,
        at: usize,
        kind: &'static str,
        sent: i64,
        receipt: Option<&str>,
    ) -> Result<(), No> {
        let member = &self.members[at];
        let mut faults = Vec::new();
        if !member.here {
            faults.push(nothing("member", &member.id));
        }
        if sent == 0 {
            faults.push(("points", "Points must not be zero.".to_owned()));
        }
        if !faults.is_empty() {
            return Err(No::Wrong(faults));
        }
        let points = match kind {
            "earn" => sent.abs(),
            "adjustment" => sent,
            _ => -sent.abs(),
        };
        if member.points() + points < 0 {
            return Err(wrong("points", "Insufficient points"));
        }
        if member.points() + points > MOST {
            return Err(wrong("points", format!("Ensure the balance is less than or equal to {MOST}.")));
        }
        let about = receipt.map_or(About::Nothing, |receipt| About::Receipt(receipt.to_owned()));
        let mut lines = self.members.iter().flat_map(|member| &member.ledger);
        if kind == "earn" && receipt.is_some() && lines.any(|line| line.kind == "earn" && line.about == about)
        {
            return Err(wrong("reference", "A transaction with this reference already exists."));
        }
        let ends = (kind == "earn").then(|| self.today() + POINTS_LAST);
        let member = &mut self.members[at];
        if points > 0 {
            member.credits.push((points, ends));
        }
        member.write(kind, points, "staff1", about);
        Ok(())
    }

    /// When time will bring something next: points that expire, and redemptions that waited for too long.
    pub fn next_due(&self) -> Option<Duration> {
        let credits = self.members.iter().flat_map(|member| &member.credits);
        let midnight = |day: i64| Duration::from_hours(24 * u64::try_from(day).unwrap());
        let ends = credits.filter_map(|(_, day)| day.map(midnight));
        let waiting = self.redemptions.iter().filter(|redemption| redemption.state == "Pending");
        ends.chain(waiting.map(|redemption| redemption.at + WAITS)).filter(|due| *due > self.now).min()
    }

    /// Does what time has brought.
    pub fn bring_due(&mut self) {
        let (now, today) = (self.now, self.today());
        for at in 0..self.redemptions.len() {
            if self.redemptions[at].state == "Pending" && self.redemptions[at].at + WAITS <= now {
                // What no balance can hold waits on.
                let _ = self.cancel(at, "system");
            }
        }
        for member in &mut self.members {
            for at in 0..member.credits.len() {
                if member.credits[at].1.is_none_or(|day| day > today) {
                    continue;
                }
                let left = member.left()[at];
                member.credits[at].1 = None;
                if member.here && left > 0 {
                    member.write("expire", -left, "system", About::Expiry);
                }
            }
        }
    }
}
