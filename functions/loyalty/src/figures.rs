//! The kept figures of the programme, side by side in the rows of one tally.

use crate::members::Status;
use crate::points::Kind;
use crate::redeem;
use crate::tiers::Tier;

/// The scope of the figures.
pub const FIGURES: &str = "LOYALTY#FIGURES";

/// The points that living members hold.
pub const HELD: &str = "held";

/// The points paid for all redemptions but the cancelled.
pub const SPENT: &str = "spent";

/// The figure that counts living members of a status and a tier.
pub fn of_members(status: Status, tier: Tier) -> &'static str {
    match (status, tier) {
        (Status::Active, Tier::Bronze) => "active_bronze",
        (Status::Active, Tier::Silver) => "active_silver",
        (Status::Active, Tier::Gold) => "active_gold",
        (Status::Active, Tier::Platinum) => "active_platinum",
        (Status::Inactive, Tier::Bronze) => "inactive_bronze",
        (Status::Inactive, Tier::Silver) => "inactive_silver",
        (Status::Inactive, Tier::Gold) => "inactive_gold",
        (Status::Inactive, Tier::Platinum) => "inactive_platinum",
    }
}

/// The figure that counts the transactions of a kind.
pub fn of_entries(kind: Kind) -> &'static str {
    match kind {
        Kind::Earn => "earns",
        Kind::Redeem => "redeems",
        Kind::Expire => "expires",
        Kind::Adjustment => "adjustments",
    }
}

/// The figure that sums the points of a kind.
pub fn of_points(kind: Kind) -> &'static str {
    match kind {
        Kind::Earn => "earned",
        Kind::Redeem => "redeemed",
        Kind::Expire => "expired",
        Kind::Adjustment => "adjusted",
    }
}

/// The figure that counts the redemptions in a state.
pub fn of_redemptions(status: redeem::Status) -> &'static str {
    match status {
        redeem::Status::Pending => "pending",
        redeem::Status::Completed => "completed",
        redeem::Status::Used => "used",
        redeem::Status::Cancelled => "cancelled",
    }
}
