//! Figures about members.

use std::collections::BTreeMap;

use serde::Serialize;
use table::Table;
use utoipa::ToSchema;
use wire::{Choice, Reply};

use super::{Member, Status, store};
use crate::figures::{FIGURES, HELD, of_members};
use crate::scope::Scope;
use crate::tiers::Tier;

/// Figures about the living members that the caller sees. Each is there in camel case, too.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct MemberStatistics {
    total_members: i64,
    active_members: i64,
    inactive_members: i64,
    /// How many are of each tier.
    #[schema(value_type = BTreeMap<String, i64>)]
    by_tier: BTreeMap<&'static str, i64>,
    /// What they hold together.
    total_points: i64,
}

impl MemberStatistics {
    /// The figures within a scope.
    pub async fn of(table: &Table, scope: Scope) -> Reply<Self> {
        match scope {
            Scope::Desk => {
                let figures = table.figures(FIGURES).await?;
                let count = |status, tier| figures.get(of_members(status, tier));
                Ok(Self::counted(count, figures.get(HELD)))
            }
            Scope::Own(None) => Ok(Self::counted(|_, _| 0, 0)),
            Scope::Own(Some(number)) => {
                let own: Option<Member> = store::living(table, number, true).await?;
                let is = |status, tier| {
                    own.as_ref().is_some_and(|own| (own.status, own.tier_level) == (status, tier))
                };
                Ok(Self::counted(
                    |status, tier| i64::from(is(status, tier)),
                    own.as_ref().map_or(0, |own| own.total_points),
                ))
            }
        }
    }

    fn counted(count: impl Fn(Status, Tier) -> i64, total_points: i64) -> Self {
        let of_status = |status| Tier::ALL.iter().map(|tier| count(status, *tier)).sum();
        let of_tier = |tier: Tier| Status::ALL.iter().map(|status| count(*status, tier)).sum();
        let (active_members, inactive_members): (i64, i64) =
            (of_status(Status::Active), of_status(Status::Inactive));
        Self {
            total_members: active_members + inactive_members,
            active_members,
            inactive_members,
            by_tier: Tier::ALL.iter().map(|tier| (tier.as_str(), of_tier(*tier))).collect(),
            total_points,
        }
    }
}
