//! Figures about redemptions.

use serde::Serialize;
use table::Table;
use utoipa::ToSchema;
use wire::Reply;

use super::Status;
use crate::figures::{FIGURES, SPENT, of_redemptions};
use crate::members::{Member, store as members};
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
        match Whose::within(scope, member) {
            Whose::Everybodys => {
                let figures = table.figures(FIGURES).await?;
                Ok(Self::counted(|status| figures.get(of_redemptions(status)), figures.get(SPENT)))
            }
            Whose::Ones(None) => Ok(Self::default()),
            Whose::Ones(Some(number)) => {
                let member = members::ever(table, number).await?;
                Ok(member.as_ref().map_or_else(Self::default, Self::of_one))
            }
        }
    }

    fn of_one(member: &Member) -> Self {
        let mut figures = member.figures;
        Self::counted(|status| *figures.in_state(status), member.figures.spent)
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
