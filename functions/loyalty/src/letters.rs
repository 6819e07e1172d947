//! The letters that members get. Each is promised in the write that is its reason.

use outbox::Letter;
use table::Message;
use wire::{Choice, Stamp};

use crate::members::Member;
use crate::points::lots::Lot;
use crate::points::rules::Booked;
use crate::redeem::Redemption;
use crate::tiers::{Tier, rules as tiers};
use crate::vouchers::Voucher;
use crate::{CONTEXT, Settings};

/// To somebody who was enrolled.
pub fn welcome(member: &Member, settings: &Settings) -> Message {
    let [silver, gold, platinum] = settings.thresholds;
    let letter = to(member, "loyalty/welcome")
        .with("member", member.number().to_string())
        .with("silver", silver)
        .with("gold", gold)
        .with("platinum", platinum);
    letter.message(CONTEXT.name, member.created_at)
}

/// To somebody whom points brought another tier.
pub fn tier_changed(booked: &Booked, settings: &Settings) -> Option<Message> {
    let before = booked.tier_before?;
    Some(new_tier(&booked.member, before, settings))
}

/// To somebody who has another tier.
pub fn new_tier(member: &Member, before: Tier, settings: &Settings) -> Message {
    let counting = tiers::counting(member, settings, member.updated_at.day());
    let letter = to(member, "loyalty/tier")
        .with("tier", member.tier_level.as_str())
        .with("before", before.as_str())
        .with("to_next", tiers::to_next(member.tier_level, counting, settings));
    letter.message(CONTEXT.name, member.updated_at)
}

/// To somebody who redeemed points for a voucher.
pub fn redeemed(member: &Member, redemption: &Redemption) -> Message {
    let letter = about(member, redemption, "loyalty/redeemed")
        .with("points", redemption.points_cost)
        .with("balance", member.total_points)
        .with("redemption", redemption.code())
        .with("valid_until", redemption.valid_until.to_string());
    letter.message(CONTEXT.name, redemption.created_at)
}

/// To somebody whose redemption was taken back.
pub fn cancelled(member: &Member, redemption: &Redemption) -> Message {
    let letter = about(member, redemption, "loyalty/cancelled")
        .with("points", redemption.points_cost)
        .with("balance", member.total_points);
    letter.message(CONTEXT.name, redemption.updated_at)
}

/// To somebody whose voucher is about to end unused.
pub fn voucher_ends(member: &Member, redemption: &Redemption, voucher: &Voucher, now: Stamp) -> Message {
    let letter = about(member, redemption, "loyalty/voucher-ends")
        .with("redemption", redemption.code())
        .with("valid_until", voucher.end_date.to_string());
    letter.message(CONTEXT.name, now)
}

/// To somebody whose points are about to expire.
pub fn points_expire(member: &Member, lot: &Lot, points: i64, now: Stamp) -> Message {
    let letter = to(member, "loyalty/points-expire").with("points", points);
    letter.with("date", lot.expires.to_string()).message(CONTEXT.name, now)
}

fn about(member: &Member, redemption: &Redemption, template: &str) -> Letter {
    let letter = to(member, template).with("code", redemption.voucher_code.as_str());
    letter.with("voucher", redemption.voucher_name.as_str())
}

fn to(member: &Member, template: &str) -> Letter {
    Letter::new(template, &member.email).with("name", member.name.as_str())
}
