//! Figures about points.

use serde::Serialize;
use table::Table;
use utoipa::ToSchema;
use wire::{Choice, Reply};

use super::Kind;
use crate::figures::{FIGURES, of_entries, of_points};
use crate::members::store as members;
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
        let one = match Whose::within(scope, member) {
            Whose::Everybodys => {
                let figures = table.figures(FIGURES).await?;
                let transactions = Kind::ALL.iter().map(|kind| figures.get(of_entries(*kind))).sum();
                return Ok(Self::counted(|kind| figures.get(of_points(kind)), transactions));
            }
            Whose::Ones(number) => number,
        };
        let member = match one {
            Some(number) => members::ever(table, number).await?,
            None => None,
        };
        Ok(member.map_or_else(Self::default, |member| {
            let figures = member.figures;
            let sum = |kind| match kind {
                Kind::Earn => figures.earned,
                Kind::Redeem => figures.redeemed,
                Kind::Expire => figures.expired,
                Kind::Adjustment => figures.adjusted,
            };
            Self::counted(sum, i64::from(member.entries))
        }))
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
