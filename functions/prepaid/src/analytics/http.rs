//! Analytics on the wire.

use access::{Caller, Policy, Routes, figures, routes};
use axum::Json;
use axum::extract::State;
use wire::{Field, Problem, Query, Reply, Whole};

use super::dashboard::{self, Dashboard, Read};
use super::own::OwnAnalytics;
use super::revenue::{self, RevenueReport};
use crate::figures::{ALL, DAYS};
use crate::types;
use crate::vouchers::statistics::{InStates, late};
use crate::{Prepaid, scope};

/// The routes of analytics.
pub fn routes() -> Routes<Prepaid> {
    Routes::new()
        .route(scope::staff(), routes!(dashboard))
        .route(scope::staff(), routes!(revenue))
        .route(Policy::own("the caller's vouchers and payments"), routes!(own))
}

/// See how the shop stands today.
#[utoipa::path(get, path = "/analytics/dashboard", tag = "analytics", operation_id = "prepaid_analytics_dashboard",
    responses((status = 200, body = Dashboard)))]
async fn dashboard(State(prepaid): State<Prepaid>, caller: Caller) -> Reply<Json<Dashboard>> {
    let (table, now) = (&prepaid.table, prepaid.clock.now());
    let today = now.day();
    let load = async {
        let (all, days, late, types, accounts) = tokio::try_join!(
            table.figures(ALL),
            table.figures_by_day(DAYS, dashboard::first_day(today), today),
            late(table, now),
            types::store::all(table),
            figures::accounts(table, today)
        )?;
        let states = InStates::of(&all, late.iter());
        Ok(Read { all, days, states, types, accounts })
    };
    let (_, read) = caller.beside(load).await?;
    Ok(Json(Dashboard::new(read, today)))
}

/// See what was paid within the last days.
#[utoipa::path(get, path = "/analytics/revenue", tag = "analytics", operation_id = "prepaid_analytics_revenue",
    params(("days" = Option<i64>, Query, minimum = 1, maximum = 365,
        description = "How many days the report goes back; 30 by default.")),
    responses((status = 200, body = RevenueReport), (status = 400, description = "That is no number of days.")))]
async fn revenue(State(prepaid): State<Prepaid>, caller: Caller, query: Query) -> Reply<Json<RevenueReport>> {
    let (table, today) = (&prepaid.table, prepaid.clock.now().day());
    let days = match query.get("days") {
        Some(text) => Whole::<1, 365>::read(&text.into()).map(Whole::get),
        None => Ok(30),
    };
    let load = async {
        let days = days.map_err(|messages| Problem::field("days", messages))?;
        let first = revenue::first_day(today, days);
        let figures = table.figures_by_day(DAYS, first, today);
        let (figures, types) = tokio::try_join!(figures, types::store::all(table))?;
        Ok(RevenueReport::new(&figures, &types, today, days))
    };
    Ok(Json(caller.beside(load).await?.1))
}

/// See what one bought and used.
#[utoipa::path(get, path = "/analytics/user", tag = "analytics", operation_id = "prepaid_analytics_own",
    responses((status = 200, body = OwnAnalytics)))]
async fn own(State(prepaid): State<Prepaid>, caller: Caller) -> Reply<Json<OwnAnalytics>> {
    let load = async { Ok(OwnAnalytics::of(&prepaid, caller.id(), prepaid.clock.now()).await?) };
    Ok(Json(caller.beside(load).await?.1))
}
