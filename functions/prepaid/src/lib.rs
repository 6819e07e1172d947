//! Prepaid: vouchers that are bought by card and spent by their codes.

pub mod admin;
pub mod analytics;
pub mod demo;
pub mod discounts;
mod figures;
mod health;
pub mod ids;
pub mod jobs;
mod letters;
pub mod payments;
pub mod refunds;
mod scope;
mod settings;
pub mod types;
pub mod usages;
pub mod vouchers;

use ::http::StatusCode;
use access::{Context, Routes};
use platform::{App, Edge, Function, Host, Parameters, Stage, beside};
use serde_json::Value;
use stripe::{Mode, Stripe};
use table::{Kind, Table};
use utoipa::openapi::OpenApi;
use wire::{Clock, Fault, Problem};

pub use settings::Settings;
use types::store::KnownTerms;

/// Where the paths begin.
pub const MOUNT: &str = "/api/prepaid";

/// How accounts are known here.
pub const CONTEXT: Context = Context { name: "prepaid", newcomer: "user", administrator: "staff" };

/// How many bytes an object may have that clients leave with a voucher or a use.
const NOTES: usize = 8 * 1024;

/// The parameter that holds the secret key of Stripe.
const STRIPE_KEY: &str = "prepaid/stripe-key";

/// What prepaid works with, whoever asks for it.
#[derive(Clone)]
pub struct Prepaid {
    table: Table,
    clock: Clock,
    settings: Settings,
    stripe: Stripe,
    terms: KnownTerms,
}

impl Prepaid {
    /// Opens it where nobody asks: behind the queue, and for the demo.
    pub async fn open(host: &Host) -> Result<Self, Fault> {
        let parameters = Parameters::open(host)?;
        let (table, key) = tokio::try_join!(host.connected_table(), parameters.read(STRIPE_KEY))?;
        Self::new(table, host, &key)
    }

    fn new(table: Table, host: &Host, key: &str) -> Result<Self, Fault> {
        let settings = Settings::read(&host.env)?;
        let stripe = Stripe::new(&settings.stripe_base, key)?;
        if stripe.mode() == Mode::Standin && host.env.stage()? != Stage::Local {
            return Err(Fault::bug("the stand-in of Stripe takes no money: it exists only locally"));
        }
        Ok(Self { table, clock: host.clock.clone(), settings, stripe, terms: KnownTerms::default() })
    }
}

/// Starts the function behind the mount.
pub async fn boot(host: Host) -> Result<Function, Fault> {
    let open = App::open_with(&host, &[STRIPE_KEY]);
    let ((app, own), router) = beside(open, || routes().router()).await?;
    let prepaid = Prepaid::new(app.table.clone(), &host, own.text(STRIPE_KEY)?)?;
    let edge = Edge::guarded(&app, CONTEXT.name).envelope(worded);
    Ok(edge.function(router.with_state(prepaid)))
}

/// Starts the function behind the queue.
pub async fn boot_events(host: Host) -> Result<Function, Fault> {
    let prepaid = Prepaid::open(&host).await?;
    Ok(Function::messages(move |body| {
        let prepaid = prepaid.clone();
        async move { prepaid.work(body).await }
    }))
}

/// The description of every operation.
pub fn document() -> OpenApi {
    let about =
        "Vouchers for services: bought by card, spent by code; refunds, discounts and what all of it brings.";
    routes().document::<Problem>("Mercato prepaid", about)
}

/// The kinds of rows that prepaid has, with what they count into figures.
pub const KINDS: [Kind; 9] = [
    Kind::of::<types::VoucherType>(),
    Kind::of::<types::Terms>(),
    Kind::of::<discounts::Discount>(),
    Kind::counting::<payments::Payment>(),
    Kind::of::<payments::store::OfIntent>(),
    Kind::counting::<vouchers::Voucher>(),
    Kind::counting::<usages::Usage>(),
    Kind::of::<usages::Rollback>(),
    Kind::counting::<refunds::Refund>(),
];

fn routes() -> Routes<Prepaid> {
    Routes::new()
        .merge(health::routes())
        .merge(types::http::routes())
        .merge(vouchers::http::routes())
        .merge(vouchers::claim::routes())
        .merge(usages::http::routes())
        .merge(usages::holds::routes())
        .merge(payments::purchase::routes())
        .merge(payments::create::routes())
        .merge(payments::http::routes())
        .merge(refunds::http::routes())
        .merge(analytics::http::routes())
        .merge(admin::routes())
        .merge(vouchers::admin::routes())
        .merge(usages::rollback::routes())
        .merge(payments::admin::routes())
        .merge(refunds::decide::routes())
        .merge(discounts::http::routes())
        .below(MOUNT)
}

/// What is said of a request that came again is worded as everything that is said here in one sentence.
fn worded(problem: &Problem) -> Value {
    let said = match (problem.status(), problem.detail_text()) {
        (StatusCode::UNPROCESSABLE_ENTITY, Some(_)) => "Idempotency key reused with a different request",
        (StatusCode::CONFLICT, Some(text)) => text,
        _ => return Value::Object(problem.members().clone()),
    };
    Value::Object(Problem::said(problem.status(), said).members().clone())
}
