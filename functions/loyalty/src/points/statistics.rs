//! Figures about points.

use serde::Serialize;
use table::Table;
use utoipa::ToSchema;
use wire::{Choice, Reply};

use super::Kind;
use crate::figures::{FIGURES, of_entries, of_points};
use crate::members::{Member, store as members};
use crate::scope::{Scope, Whose};

/// Figures about the transactions that the caller sees. Each is there in camel case, too.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct PointStatistics {
    total_earned: i64,
    total_redeemed: i64,
    total_expired: i64,
    /// The sum of adjustments, refunds among them; may be negative.
    total_adjusted: i64,
    /// The sum of all: the balance, when it is about one member.
    net_points: i64,
    total_transactions: i64,
}

impl PointStatistics {
    /// The figures within a scope, or of one member in it. Whoever is not in it has none.
    pub async fn of(table: &Table, scope: Scope, member: Option<&str>) -> Reply<Self> {
        match Whose::within(scope, member) {
            Whose::Everybodys => {
                let figures = table.figures(FIGURES).await?;
                let transactions = Kind::ALL.iter().map(|kind| figures.get(of_entries(*kind))).sum();
                Ok(Self::counted(|kind| figures.get(of_points(kind)), transactions))
            }
            Whose::Ones(None) => Ok(Self::default()),
            Whose::Ones(Some(number)) => {
                let member = members::ever(table, number).await?;
                Ok(member.as_ref().map_or_else(Self::default, Self::of_one))
            }
        }
    }

    fn of_one(member: &Member) -> Self {
        let sum = |kind| match kind {
            Kind::Earn => member.figures.earned,
            Kind::Redeem => member.figures.redeemed,
            Kind::Expire => member.figures.expired,
            Kind::Adjustment => member.figures.adjusted,
        };
        Self::counted(sum, i64::from(member.entries))
    }

    fn counted(sum: impl Fn(Kind) -> i64, total_transactions: i64) -> Self {
        Self {
            total_earned: sum(Kind::Earn),
            total_redeemed: -sum(Kind::Redeem),
            total_expired: -sum(Kind::Expire),
            total_adjusted: sum(Kind::Adjustment),
            net_points: Kind::ALL.iter().map(|kind| sum(*kind)).sum(),
            total_transactions,
        }
    }
}
