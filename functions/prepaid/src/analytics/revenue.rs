//! The revenue report.

use std::collections::BTreeMap;

use serde::Serialize;
use table::Figures;
use utoipa::ToSchema;
use wire::{Choice, Day, Money};

use super::since;
use crate::figures::{PAYMENTS, REVENUE, brought, brought_by, paid_by, sold};
use crate::payments::Method;
use crate::types::VoucherType;

/// What was paid within some days, less what was given back of it since.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RevenueReport {
    period: Period,
    /// The days with payments, the first one first.
    daily_revenue: Vec<OfDay>,
    revenue_by_type: Vec<OfType>,
    payment_methods: Vec<OfMethod>,
    summary: Summary,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
struct Period {
    start_date: Day,
    end_date: Day,
    days: i64,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
struct OfDay {
    day: Day,
    #[schema(value_type = String, example = "120.00")]
    revenue: Money,
    payment_count: i64,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RevenueOfType)]
struct OfType {
    #[serde(rename = "voucher_type__name")]
    name: String,
    #[serde(rename = "voucher_type__type_code")]
    type_code: String,
    #[schema(value_type = String, example = "90.00")]
    revenue: Money,
    quantity: i64,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
struct OfMethod {
    #[schema(example = "stripe")]
    payment_method: &'static str,
    count: i64,
    #[schema(value_type = String, example = "120.00")]
    revenue: Money,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RevenueSummary)]
struct Summary {
    #[schema(value_type = String, example = "120.00")]
    total_revenue: Money,
    total_payments: i64,
    #[schema(value_type = String, example = "4.00")]
    average_daily_revenue: Money,
}

/// The first day of a report.
pub fn first_day(today: Day, days: i64) -> Day {
    today.plus_days(-days)
}

impl RevenueReport {
    /// The report over these days until today.
    pub fn new(figures: &BTreeMap<Day, Figures>, types: &[VoucherType], today: Day, days: i64) -> Self {
        let first = first_day(today, days);
        let sum = |name: &str| since(figures, first, name);
        let paid = figures.iter().filter(|(_, figures)| figures.get(PAYMENTS) > 0);
        let of_day = |(day, figures): (&Day, &Figures)| OfDay {
            day: *day,
            revenue: Money::from_minor(figures.get(REVENUE)),
            payment_count: figures.get(PAYMENTS),
        };
        let mut by_type: Vec<OfType> = types
            .iter()
            .map(|known| OfType {
                name: known.name.clone(),
                type_code: known.type_code.clone(),
                revenue: Money::from_minor(sum(&brought(known.id))),
                quantity: sum(&sold(known.id)),
            })
            .filter(|known| known.quantity > 0)
            .collect();
        by_type.sort_by(|a, b| b.revenue.cmp(&a.revenue).then_with(|| a.name.cmp(&b.name)));
        let of_method = |method: &Method| OfMethod {
            payment_method: method.as_str(),
            count: sum(&paid_by(*method)),
            revenue: Money::from_minor(sum(&brought_by(*method))),
        };
        let total_revenue = Money::from_minor(sum(REVENUE));
        Self {
            period: Period { start_date: first, end_date: today, days },
            daily_revenue: paid.map(of_day).collect(),
            revenue_by_type: by_type,
            payment_methods: Method::ALL.iter().map(of_method).filter(|method| method.count > 0).collect(),
            summary: Summary {
                total_revenue,
                total_payments: sum(PAYMENTS),
                average_daily_revenue: total_revenue.ratio(1, days).unwrap_or_default(),
            },
        }
    }
}
