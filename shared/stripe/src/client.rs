//! The client: one call at a time, asked again where asking again may help.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::{sleep, timeout};
use wire::Fault;

use crate::form::Form;
use crate::network::{Answer, Network};
use crate::{Intent, NewIntent, NewRefund, Refund, Refusal, Trouble, VERSION};

/// A Stripe account, as seen by somebody with its secret key.
#[derive(Clone)]
pub struct Stripe(Arc<Account>);

struct Account {
    base: String,
    authorization: HeaderValue,
    mode: Mode,
    patience: Patience,
    network: Network,
}

/// What an account is: whether what it does is real.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Real money.
    Live,
    /// Stripe's own test cards.
    Test,
    /// No Stripe at all: the stand-in of the local cloud.
    Standin,
}

impl Mode {
    /// What a secret key is for; `None` if it is no secret key.
    pub fn of(secret_key: &str) -> Option<Self> {
        let begins =
            |kind: &str| ["sk_", "rk_"].iter().any(|key| secret_key.starts_with(&format!("{key}{kind}_")));
        match secret_key {
            "sk_test_standin" => Some(Self::Standin),
            _ if begins("live") => Some(Self::Live),
            _ if begins("test") => Some(Self::Test),
            _ => None,
        }
    }

    /// Its name in configurations and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
            Self::Standin => "standin",
        }
    }
}

/// How long to wait, and how often to ask.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// For one answer.
    attempt: Duration,
    /// For all of them: the gateway gives up after 29 s, and whoever calls has more to do.
    whole: Duration,
    /// Before the second attempt; before each later one twice as long.
    pause: Duration,
}

const PATIENCE: Patience = Patience {
    attempt: Duration::from_secs(10),
    whole: Duration::from_secs(20),
    pause: Duration::from_millis(250),
};

/// The first attempt, and three more.
const ATTEMPTS: u32 = 4;

impl Stripe {
    /// The account of a secret key at `base`, such as `https://api.stripe.com`. Nothing is connected yet.
    pub fn new(base: &str, secret_key: &str) -> Result<Self, Fault> {
        Self::patient(base, secret_key, PATIENCE)
    }

    fn patient(base: &str, secret_key: &str, patience: Patience) -> Result<Self, Fault> {
        let mode = Mode::of(secret_key).ok_or_else(|| Fault::bug("the key of Stripe is no secret key"))?;
        let base = base.trim_end_matches('/').to_owned();
        let open = base.starts_with("http://");
        if !open && !base.starts_with("https://") {
            return Err(Fault::bug(format!("{base:?} is no address of Stripe")));
        }
        if open && mode == Mode::Live {
            return Err(Fault::bug("a live key of Stripe must not travel unencrypted"));
        }
        let authorization = HeaderValue::try_from(format!("Bearer {secret_key}"));
        let mut authorization = authorization.map_err(|_| Fault::bug("the key of Stripe does not read"))?;
        authorization.set_sensitive(true);
        let network = Network::default();
        Ok(Self(Arc::new(Account { base, authorization, mode, patience, network })))
    }

    /// What the account is.
    pub fn mode(&self) -> Mode {
        self.0.mode
    }

    /// Makes an intent, and pays it where it says with what. A decline is [`Trouble::Declined`]; whether it is paid
    /// says the status.
    pub async fn create_intent(&self, key: &str, intent: &NewIntent) -> Result<Intent, Trouble> {
        self.post("/v1/payment_intents", key, &intent.form()).await
    }

    /// An intent as it is now.
    pub async fn intent(&self, id: &str) -> Result<Intent, Trouble> {
        self.get(&at("/v1/payment_intents", id, "")?).await
    }

    /// Pays an intent with a payment method, as the customer's browser does otherwise.
    pub async fn confirm_intent(&self, id: &str, key: &str, payment_method: &str) -> Result<Intent, Trouble> {
        let form = Form::default().with("payment_method", payment_method);
        self.post(&at("/v1/payment_intents", id, "/confirm")?, key, &form).await
    }

    /// Calls an intent off, as abandoned. If it was paid meanwhile, that is [`Trouble::is_unexpected_state`].
    pub async fn cancel_intent(&self, id: &str, key: &str) -> Result<Intent, Trouble> {
        let form = Form::default().with("cancellation_reason", "abandoned");
        self.post(&at("/v1/payment_intents", id, "/cancel")?, key, &form).await
    }

    /// Gives money back. Whether it is on its way or there says the status.
    pub async fn refund(&self, key: &str, refund: &NewRefund) -> Result<Refund, Trouble> {
        self.post("/v1/refunds", key, &refund.form()).await
    }

    /// A refund as it is now.
    pub async fn find_refund(&self, id: &str) -> Result<Refund, Trouble> {
        self.get(&at("/v1/refunds", id, "")?).await
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Trouble> {
        let request = Request::get(format!("{}{path}", self.0.base));
        self.ask(request, String::new()).await
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, key: &str, form: &Form) -> Result<T, Trouble> {
        let request = Request::post(format!("{}{path}", self.0.base))
            .header("idempotency-key", key)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request, form.encode()).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        request: http::request::Builder,
        body: String,
    ) -> Result<T, Trouble> {
        let request =
            request.header(AUTHORIZATION, &self.0.authorization).header("stripe-version", VERSION).body(body);
        let request = request.map_err(|_| Trouble::Unavailable("the request does not read".to_owned()))?;
        let late = |_| Trouble::Unavailable("no answer in time".to_owned());
        read(&timeout(self.0.patience.whole, self.insist(&request)).await.map_err(late)??)
    }

    /// Sends a request until it is answered for good.
    async fn insist(&self, request: &Request<String>) -> Result<Answer, Trouble> {
        let mut last = String::new();
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                sleep(pause(self.0.patience.pause, attempt)).await;
            }
            match self.0.network.send(request.clone(), self.0.patience.attempt).await {
                Ok(answer) if !may_change(answer.status) => return Ok(answer),
                Ok(answer) => last = format!("it answered {}", answer.status),
                Err(why) => why.clone_into(&mut last),
            }
        }
        Err(Trouble::Unavailable(last))
    }
}

/// Shows where and not as whom.
impl fmt::Debug for Stripe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stripe")
            .field("base", &self.0.base)
            .field("mode", &self.0.mode)
            .finish_non_exhaustive()
    }
}

/// The path to something by its id. What is no id leads nowhere, and least of all to another path.
fn at(path: &str, id: &str, action: &str) -> Result<String, Trouble> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if id.is_empty() || id.len() > 255 || !id.bytes().all(plain) {
        let (kind, code) = ("invalid_request_error".to_owned(), Some("resource_missing".to_owned()));
        return Err(Trouble::Refused(Box::new(Refusal { status: 404, kind, code, ..Refusal::default() })));
    }
    Ok(format!("{path}/{id}{action}"))
}

/// Whether an answer may be another one when the same is asked again.
fn may_change(status: u16) -> bool {
    matches!(status, 409 | 429 | 500..)
}

/// How long to wait before the n-th repetition: twice as long each time, less up to a half by chance.
fn pause(first: Duration, repetition: u32) -> Duration {
    first * 2_u32.pow(repetition - 1).saturating_mul(500 + fastrand::u32(0..=500)) / 1000
}

/// Reads an answer that is final.
fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, Trouble> {
    #[derive(Deserialize)]
    struct Refused {
        error: Refusal,
    }
    let unread = || Trouble::Unavailable(format!("its answer {} does not read", answer.status));
    if (200..300).contains(&answer.status) {
        return serde_json::from_slice(&answer.body).map_err(|_| unread());
    }
    let Refused { error } = serde_json::from_slice(&answer.body).map_err(|_| unread())?;
    let refusal = Box::new(Refusal { status: answer.status, ..error });
    Err(if refusal.kind == "card_error" { Trouble::Declined(refusal) } else { Trouble::Refused(refusal) })
}

#[cfg(test)]
mod tests;
