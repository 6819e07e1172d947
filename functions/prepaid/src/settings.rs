//! What a shop decides, and where its customers are led.

use platform::Env;
use wire::Fault;

/// What a shop decides, and where its customers are led.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where Stripe is asked.
    pub stripe_base: String,
    /// The key that pages name themselves to Stripe by.
    pub publishable_key: String,
    /// Where customers' pages are.
    pub frontend: String,
    /// Where staff read their mail.
    pub staff_email: Option<String>,
}

impl Settings {
    /// Reads the function's variables.
    pub fn read(env: &Env) -> Result<Self, Fault> {
        Ok(Self {
            stripe_base: env.require("MERCATO_STRIPE_API_BASE")?.trim_end_matches('/').to_owned(),
            publishable_key: env.require("MERCATO_STRIPE_PUBLISHABLE_KEY")?.to_owned(),
            frontend: env.require("MERCATO_PREPAID_FRONTEND_URL")?.trim_end_matches('/').to_owned(),
            staff_email: env.get("MERCATO_PREPAID_STAFF_EMAIL").map(str::to_owned),
        })
    }
}
