//! Figures about redemptions.

use serde::Serialize;
use table::Table;
use utoipa::ToSchema;
use wire::Reply;

use super::Status;
use crate::figures::{FIGURES, SPENT, of_redemptions};
use crate::members::store as members;
use crate::scope::{Scope, Whose};

/// Figures about the redemptions that the caller sees. Each is there in camel case, too.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct RedeemStatistics {
    total_redeems: i64,
    pending_redeems: i64,
    completed_redeems: i64,
    used_redeems: i64,
    cancelled_redeems: i64,
    /// What was paid for all but the cancelled.
    total_points_redeemed: i64,
}

impl RedeemStatistics {
    /// The figures within a scope, or of one member in it. Whoever is not in it has none.
    pub async fn of(table: &Table, scope: Scope, member: Option<&str>) -> Reply<Self> {
        let one = match Whose::within(scope, member) {
            Whose::Everybodys => {
                let figures = table.figures(FIGURES).await?;
                return Ok(Self::counted(|status| figures.get(of_redemptions(status)), figures.get(SPENT)));
            }
            Whose::Ones(number) => number,
        };
        let member = match one {
            Some(number) => members::ever(table, number).await?,
            None => None,
        };
        Ok(member.map_or_else(Self::default, |member| {
            let mut figures = member.figures;
            let spent = figures.spent;
            Self::counted(|status| *figures.in_state(status), spent)
        }))
    }

    fn counted(mut count: impl FnMut(Status) -> i64, total_points_redeemed: i64) -> Self {
        let [pending_redeems, completed_redeems, used_redeems, cancelled_redeems] =
            [Status::Pending, Status::Completed, Status::Used, Status::Cancelled].map(&mut count);
        Self {
            total_redeems: pending_redeems + completed_redeems + used_redeems + cancelled_redeems,
            pending_redeems,
            completed_redeems,
            used_redeems,
            cancelled_redeems,
            total_points_redeemed,
        }
    }
}
