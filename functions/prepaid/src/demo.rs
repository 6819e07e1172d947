//! Demo data: only where the stage is local, written as requests write, and without letters.

use std::time::Duration;

use platform::{Host, Stage};
use table::Denied;
use wire::{Fault, Money, Stamp};

use crate::discounts::{self, Unit};
use crate::types::{self, SERIES, VoucherType};
use crate::{Prepaid, discounts::store as discounts_store};

/// A type of the demo.
struct Sample {
    name: &'static str,
    /// The service, and another one that it can be redeemed for.
    services: (&'static str, Option<&'static str>),
    about: &'static str,
    /// In hundredths.
    price: i64,
    days: u32,
    uses: u32,
}

const CATALOGUE: [Sample; 4] = [
    Sample {
        name: "Exam Results Checking",
        services: ("result_check", Some("exam_results")),
        about: "Look up the results of one candidate, up to three times.",
        price: 1_000,
        days: 30,
        uses: 3,
    },
    Sample {
        name: "School Application",
        services: ("school_application", None),
        about: "One application to one school.",
        price: 2_500,
        days: 60,
        uses: 1,
    },
    Sample {
        name: "Placement Application",
        services: ("placement_application", None),
        about: "An application for a placement, and one change of it.",
        price: 3_500,
        days: 45,
        uses: 2,
    },
    Sample {
        name: "Document Verification",
        services: ("certificate_verification", Some("document_verification")),
        about: "Have one certificate or other document verified.",
        price: 1_500,
        days: 14,
        uses: 1,
    },
];

/// The code that newcomers may use once.
const WELCOME: &str = "WELCOME10";

/// Makes what is not there yet. Refuses every stage but the local one.
pub async fn seed(host: &Host) -> Result<(), Fault> {
    if host.env.stage()? != Stage::Local {
        return Err(Fault::bug("demo data exists only locally"));
    }
    let prepaid = Prepaid::open(host).await?;
    let (table, now) = (&prepaid.table, prepaid.clock.now());
    let known = types::store::all(table).await?;
    for sample in &CATALOGUE {
        if known.iter().all(|known| known.type_code != sample.services.0) {
            let id = u32::try_from(table.next_number(SERIES).await?).map_err(Fault::bug)?;
            done(table.commit(types::store::create(&sold(id, sample, now))).await)?;
        }
    }
    done(table.commit(discounts_store::create(&welcome(now), ())).await)
}

fn sold(id: u32, sample: &Sample, now: Stamp) -> VoucherType {
    let (service, other) = sample.services;
    let accepted = [Some(service), other].into_iter().flatten().map(str::to_owned).collect();
    let wish = types::rules::Wish {
        name: sample.name.to_owned(),
        type_code: service.to_owned(),
        description: sample.about.to_owned(),
        price: Money::from_minor(sample.price),
        is_active: true,
        validity_days: sample.days,
        usage_limit: sample.uses,
        accepted_services: Some(accepted),
    };
    types::rules::create(id, wish, now)
}

fn welcome(now: Stamp) -> discounts::Discount {
    let wish = discounts::rules::Wish {
        description: "First purchase".to_owned(),
        unit: Unit::Percentage,
        value: Money::from_minor(1_000),
        applicable_types: Vec::new(),
        max_uses: None,
        max_uses_per_user: 1,
        valid_from: now,
        valid_until: now + Duration::from_hours(365 * 24),
        is_active: true,
    };
    discounts::rules::create(WELCOME.to_owned(), wish, now)
}

/// What is there already, was seeded before.
fn done<R>(written: Result<(), Denied<R>>) -> Result<(), Fault> {
    match written {
        Err(Denied::Fault(fault)) => Err(fault),
        _ => Ok(()),
    }
}
