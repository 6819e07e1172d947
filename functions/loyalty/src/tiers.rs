//! Tiers: what members reach by their points.

pub mod rules;

use serde::{Deserialize, Serialize};
use wire::{Choice, Day};

/// The rank of a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Tier {
    /// Where everybody begins.
    #[default]
    Bronze,
    /// From the first threshold on.
    Silver,
    /// From the second on.
    Gold,
    /// From the third on.
    Platinum,
}

impl Choice for Tier {
    const ALL: &'static [Self] = &[Self::Bronze, Self::Silver, Self::Gold, Self::Platinum];

    fn as_str(self) -> &'static str {
        match self {
            Self::Bronze => "Bronze",
            Self::Silver => "Silver",
            Self::Gold => "Gold",
            Self::Platinum => "Platinum",
        }
    }
}

/// What was decided about a member's tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The tier.
    pub tier: Tier,
    /// Until when it is kept although it is no longer earned.
    pub kept_until: Option<Day>,
    /// The first day on which time alone may change it.
    pub next_look: Option<Day>,
}
