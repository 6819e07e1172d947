//! Calls: who may make them, what they ask for, and whether they were made before.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use wire::Stamp;

use super::desk::{Cause, Desk, id};
use super::ledger::{self, Kept};
use super::params::Params;
use super::refusal::Refusal;
use super::{PUBLISHABLE_KEY, SECRET_KEY, Stripe};
use crate::store::lock;

/// How many calls are remembered.
const REMEMBERED: usize = 1000;

/// A call as it came, for whoever wants to know what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// `GET` or `POST`.
    pub method: String,
    /// Such as `/v1/payment_intents`.
    pub path: String,
    /// The idempotency key.
    pub key: Option<String>,
    /// The parameters, by the names they were sent under.
    pub form: BTreeMap<String, String>,
    /// How it was answered.
    pub status: u16,
    /// Whether the answer was an earlier one.
    pub replayed: bool,
}

/// A call, taken apart.
#[derive(Clone, Debug, Default)]
pub(super) struct Call {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) body: String,
    pub(super) content_type: String,
    pub(super) authorization: String,
    pub(super) version: Option<String>,
    pub(super) key: Option<String>,
}

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
    pub(super) request: String,
    /// The request whose answer this is, if it was another.
    pub(super) replayed: Option<String>,
    /// It happened, and nobody will hear of it.
    pub(super) lost: bool,
}

/// What is asked for.
#[derive(Clone, Copy)]
enum Asked<'a> {
    CreateIntent,
    Intent(&'a str),
    ConfirmIntent(&'a str),
    CancelIntent(&'a str),
    CreateRefund,
    Refund(&'a str),
}

impl<'a> Asked<'a> {
    fn read(method: &str, path: &'a str) -> Result<Asked<'a>, Refusal> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (method, parts.as_slice()) {
            ("POST", ["v1", "payment_intents"]) => Ok(Asked::CreateIntent),
            ("GET", ["v1", "payment_intents", id]) => Ok(Asked::Intent(id)),
            ("POST", ["v1", "payment_intents", id, "confirm"]) => Ok(Asked::ConfirmIntent(id)),
            ("POST", ["v1", "payment_intents", id, "cancel"]) => Ok(Asked::CancelIntent(id)),
            ("POST", ["v1", "refunds"]) => Ok(Asked::CreateRefund),
            ("GET", ["v1", "refunds", id]) => Ok(Asked::Refund(id)),
            _ => Err(Refusal::nowhere(method, path)),
        }
    }
}

/// Who asks: by which of the two keys.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    /// The shop.
    Secret,
    /// A customer's browser.
    Publishable,
}

impl Who {
    fn read(call: &Call, params: &mut Params) -> Result<Who, Refusal> {
        let basic = |text: &str| {
            let decoded = String::from_utf8(BASE64_STANDARD.decode(text).ok()?).ok()?;
            decoded.split(':').next().map(str::to_owned)
        };
        let header = match call.authorization.split_once(' ') {
            Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => Some(key.trim().to_owned()),
            Some((scheme, text)) if scheme.eq_ignore_ascii_case("basic") => basic(text.trim()),
            _ => None,
        };
        let parameter = params.take("key")?;
        match header.or(parameter).as_deref() {
            Some(SECRET_KEY) => Ok(Who::Secret),
            Some(PUBLISHABLE_KEY) => Ok(Who::Publishable),
            Some(other) => {
                let shown: String = other.chars().take(8).collect();
                Err(Refusal::key(None, format!("Invalid API Key provided: {shown}****")))
            }
            None => {
                let message = "You did not provide an API key. You need to provide your API key in the Authorization \
                               header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').";
                Err(Refusal::key(None, message))
            }
        }
    }
}

/// A key whose first call is being answered.
struct Busy<'a>(&'a Stripe, Option<String>);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        if let Some(key) = &self.1 {
            lock(&self.0.0.busy).remove(key);
        }
    }
}

impl Stripe {
    /// The calls so far, the oldest first.
    pub fn heard(&self) -> Vec<Heard> {
        lock(&self.0.heard).iter().cloned().collect()
    }

    /// Answers a call, with the trouble there is.
    pub(super) async fn exchange(&self, call: &Call) -> Answer {
        let request = id("req");
        let (slow, unavailable) = (self.trouble().slow, self.trouble().unavailable);
        let result = if unavailable {
            Err(Refusal::broken(503, "Stripe is not available."))
        } else {
            let busy = self.busy(call);
            tokio::time::sleep(slow).await;
            busy.and_then(|_busy| self.answer(call, &request))
        };
        let (status, body, replayed, who) = match result {
            Ok((kept, who)) => {
                let replayed = Some(kept.request).filter(|original| *original != request);
                (kept.status, kept.body, replayed, Some(who))
            }
            Err(refusal) => (refusal.status, refusal.body().to_string(), None, None),
        };
        self.remember(call, status, replayed.is_some());
        Answer { status, body, request, replayed, lost: who == Some(Who::Secret) && self.loses() }
    }

    /// Takes hold of the idempotency key.
    fn busy(&self, call: &Call) -> Result<Busy<'_>, Refusal> {
        let key = call.key.clone().filter(|_| call.method == "POST");
        if let Some(key) = &key {
            if key.is_empty() || key.len() > 255 {
                return Err(Refusal::invalid(None, "Idempotency keys have 1 to 255 characters."));
            }
            if !lock(&self.0.busy).insert(key.clone()) {
                let message = format!("There is currently another in-progress request using this key: {key}");
                return Err(Refusal::repeated(409, Some("idempotency_key_in_use"), message));
            }
        }
        Ok(Busy(self, key))
    }

    fn answer(&self, call: &Call, request: &str) -> Result<(Kept, Who), Refusal> {
        let asked = Asked::read(&call.method, &call.path)?;
        let form = call.content_type.starts_with("application/x-www-form-urlencoded");
        if !call.body.is_empty() && !form {
            let message =
                "Invalid request (check that your POST content type is application/x-www-form-urlencoded).";
            return Err(Refusal::invalid(None, message));
        }
        if let Some(version) = call.version.as_deref().filter(|version| *version != super::events::VERSION) {
            return Err(Refusal::invalid(None, format!("Invalid Stripe API version: {version}")));
        }
        let mut params = Params::read([call.query.as_str(), call.body.as_str()])?;
        let who = Who::read(call, &mut params)?;
        let form = serde_json::to_string(params.all()).unwrap_or_default();
        let key = call.key.clone().filter(|_| call.method == "POST");
        let cause = Cause { request: Some(request.to_owned()), key: key.clone() };
        let kept = self.at_the_desk(cause, |desk| {
            if let Some(kept) =
                key.as_deref().map(|key| first(desk, key, &call.path, &form)).transpose()?.flatten()
            {
                return Ok(kept);
            }
            let kept = |status: u16, body: &Value| {
                let (path, form) = (call.path.clone(), form.clone());
                Kept { path, form, status, body: body.to_string(), request: request.to_owned() }
            };
            let kept = match perform(desk, asked, who, params) {
                Ok(object) => kept(200, &object),
                Err(refusal) if refusal.kept => kept(refusal.status, &refusal.body()),
                Err(refusal) => return Err(refusal),
            };
            if let Some(key) = &key {
                ledger::keep(desk.ledger, key, &kept, desk.now)?;
            }
            Ok(kept)
        })?;
        Ok((kept, who))
    }

    fn remember(&self, call: &Call, status: u16, replayed: bool) {
        let params = Params::read([call.query.as_str(), call.body.as_str()]).unwrap_or_default();
        let mut heard = lock(&self.0.heard);
        if heard.len() == REMEMBERED {
            heard.pop_front();
        }
        heard.push_back(Heard {
            method: call.method.clone(),
            path: call.path.clone(),
            key: call.key.clone(),
            form: params.all().clone(),
            status,
            replayed,
        });
    }

    /// Whether this answer is lost, of as many as are to be lost.
    fn loses(&self) -> bool {
        let mut trouble = lock(&self.0.trouble);
        let loses = trouble.lost_answers > 0;
        trouble.lost_answers = trouble.lost_answers.saturating_sub(1);
        loses
    }
}

/// What came of the first call with this key.
fn first(desk: &Desk<'_>, key: &str, path: &str, form: &str) -> Result<Option<Kept>, Refusal> {
    let now: Stamp = desk.now;
    let Some(kept) = ledger::kept(desk.ledger, key, now)? else { return Ok(None) };
    if kept.path != path {
        let message = format!(
            "Keys for idempotent requests can only be used for the same endpoint they were first used for ('{path}' \
             vs '{}'). Try using a key other than '{key}' if you meant to execute a different request.",
            kept.path
        );
        return Err(Refusal::repeated(400, None, message));
    }
    if kept.form != form {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try \
             using a key other than '{key}' if you meant to execute a different request."
        );
        return Err(Refusal::repeated(400, None, message));
    }
    Ok(Some(kept))
}

fn perform(desk: &Desk<'_>, asked: Asked<'_>, who: Who, mut params: Params) -> Result<Value, Refusal> {
    let mut intent = |id: &str| {
        let intent = desk.find("payment_intent", id)?;
        let secret = params.take("client_secret")?;
        if who == Who::Publishable && secret.is_none() {
            return Err(needs_secret());
        }
        let fits = secret.is_none_or(|secret| intent["client_secret"] == secret.as_str());
        if fits { Ok(intent) } else { Err(Refusal::missing("payment_intent", id)) }
    };
    match asked {
        Asked::Intent(id) => {
            let intent = intent(id)?;
            params.end()?;
            Ok(intent)
        }
        Asked::ConfirmIntent(id) => {
            let intent = intent(id)?;
            desk.confirm_intent(intent, params)
        }
        _ if who == Who::Publishable => Err(needs_secret()),
        Asked::CreateIntent => desk.create_intent(params),
        Asked::CancelIntent(id) => desk.cancel_intent(desk.find("payment_intent", id)?, params),
        Asked::CreateRefund => desk.create_refund(params),
        Asked::Refund(id) => {
            params.end()?;
            desk.find("refund", id)
        }
    }
}

fn needs_secret() -> Refusal {
    let message = "This API call cannot be made with a publishable API key. Please use a secret API key.";
    Refusal::key(Some("secret_key_required"), message)
}
