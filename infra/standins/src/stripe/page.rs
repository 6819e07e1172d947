//! Pages: one to pay on, as Stripe's own form in a shop would be, and one for developers.

use std::sync::LazyLock;

use axum::Form;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use minijinja::{Environment, Value as Shown, context};
use serde::Deserialize;
use serde_json::Value;
use wire::{Money, Stamp};

use super::cards::METHODS;
use super::{Stripe, Trouble, ledger};
use crate::Error;
use crate::store::lock;

/// How many of each a page lists.
const SHOWN: u32 = 50;

/// As often as a client asks before it gives up.
const ALL_ATTEMPTS: u32 = 4;

impl Stripe {
    pub(super) fn pages(&self) -> Router {
        Router::new()
            .route("/", get(list))
            .route("/trouble", post(meet))
            .route("/events/{id}/again", post(again))
            .route("/refunds/{id}/settle", post(settle))
            .route("/pay/{id}", get(show))
            .route("/pay/{id}/confirm", post(confirm))
            .route("/pay/{id}/authenticate", post(authenticate))
            .route("/pay/{id}/clear", post(clear))
            .with_state(self.clone())
    }

    /// The intent, for whoever has its secret.
    fn payable(&self, id: &str, secret: &str) -> Result<Value, Broken> {
        let intent = self.object(id)?.filter(|intent| intent["object"] == "payment_intent");
        let intent = intent.filter(|intent| intent["client_secret"] == secret);
        intent.ok_or(Broken::Nowhere)
    }
}

/// What a pay page needs to know of itself.
#[derive(Deserialize)]
struct Visit {
    #[serde(default)]
    client_secret: String,
    /// The shop's page to go back to.
    #[serde(default)]
    return_url: String,
    #[serde(default)]
    payment_method: String,
    /// What the bank says.
    #[serde(default)]
    good: bool,
}

impl Visit {
    fn again(&self, id: &str) -> Redirect {
        let pairs = [("client_secret", &self.client_secret), ("return_url", &self.return_url)];
        let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
        // Relative to `pay/<id>/<action>`, wherever that is mounted.
        Redirect::to(&format!("../{id}?{query}"))
    }

    /// The way back, if it is one: no script, and no other kind of address.
    fn way_back(&self) -> Option<&str> {
        let url = self.return_url.as_str();
        let leads = url.starts_with("https://") || url.starts_with("http://");
        (leads || (url.starts_with('/') && !url.starts_with("//"))).then_some(url)
    }
}

async fn show(
    State(stripe): State<Stripe>,
    Path(id): Path<String>,
    Query(visit): Query<Visit>,
) -> Result<Response, Broken> {
    let intent = stripe.payable(&id, &visit.client_secret)?;
    let methods: Vec<_> = METHODS
        .iter()
        .map(|method| context! { id => method.id, title => method.title, last4 => method.last4 })
        .collect();
    page(
        "pay.html",
        context! {
            intent => line(&intent),
            secret => &visit.client_secret,
            return_url => &visit.return_url,
            way_back => visit.way_back().map(str::to_owned),
            failure => intent["last_payment_error"]["message"].as_str(),
            methods,
        },
    )
}

async fn confirm(
    State(stripe): State<Stripe>,
    Path(id): Path<String>,
    Form(visit): Form<Visit>,
) -> Result<Redirect, Broken> {
    stripe.payable(&id, &visit.client_secret)?;
    // Whether it worked shows the intent.
    let _ = stripe.pay(&id, &visit.payment_method);
    Ok(visit.again(&id))
}

async fn authenticate(
    State(stripe): State<Stripe>,
    Path(id): Path<String>,
    Form(visit): Form<Visit>,
) -> Result<Redirect, Broken> {
    stripe.payable(&id, &visit.client_secret)?;
    let _ = stripe.authenticate(&id, visit.good);
    Ok(visit.again(&id))
}

async fn clear(
    State(stripe): State<Stripe>,
    Path(id): Path<String>,
    Form(visit): Form<Visit>,
) -> Result<Redirect, Broken> {
    stripe.payable(&id, &visit.client_secret)?;
    let _ = stripe.clear(&id, visit.good);
    Ok(visit.again(&id))
}

async fn list(State(stripe): State<Stripe>) -> Result<Response, Broken> {
    let ledger = lock(&stripe.0.ledger);
    let intents = ledger::newest(&ledger, "payment_intent", SHOWN).map_err(Error::from)?;
    let refunds = ledger::newest(&ledger, "refund", SHOWN).map_err(Error::from)?;
    let events = ledger::events(&ledger, SHOWN).map_err(Error::from)?;
    drop(ledger);
    let trouble = stripe.trouble();
    page(
        "list.html",
        context! {
            intents => intents.iter().map(line).collect::<Vec<_>>(),
            refunds => refunds.iter().map(line).collect::<Vec<_>>(),
            events => events
                .into_iter()
                .map(|event| context! {
                    id => event.id, kind => event.kind, state => event.state, attempts => event.attempts,
                    status => event.status,
                })
                .collect::<Vec<_>>(),
            trouble => context! {
                lost => trouble.lost_answers, unavailable => trouble.unavailable, held => trouble.events_held,
                twice => trouble.events_twice, reversed => trouble.events_reversed, wait => trouble.refunds_wait,
            },
        },
    )
}

/// The switches as a form sends them: what is off is not sent.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Switches {
    lost: Option<String>,
    unavailable: Option<String>,
    held: Option<String>,
    twice: Option<String>,
    reversed: Option<String>,
    wait: Option<String>,
}

async fn meet(State(stripe): State<Stripe>, Form(switches): Form<Switches>) -> Redirect {
    stripe.meet(Trouble {
        lost_answers: if switches.lost.is_some() { ALL_ATTEMPTS } else { 0 },
        unavailable: switches.unavailable.is_some(),
        events_held: switches.held.is_some(),
        events_twice: switches.twice.is_some(),
        events_reversed: switches.reversed.is_some(),
        refunds_wait: switches.wait.is_some(),
        ..stripe.trouble()
    });
    Redirect::to("./")
}

async fn again(State(stripe): State<Stripe>, Path(id): Path<String>) -> Result<Redirect, Broken> {
    stripe.send_again(&id)?;
    Ok(Redirect::to("../../"))
}

async fn settle(
    State(stripe): State<Stripe>,
    Path(id): Path<String>,
    Form(visit): Form<Visit>,
) -> Result<Redirect, Broken> {
    stripe.settle_refund(&id, visit.good)?;
    Ok(Redirect::to("../../"))
}

/// What pages show of an object.
fn line(object: &Value) -> Shown {
    let text = |name: &str| object[name].as_str().unwrap_or_default();
    let amount = Money::from_minor(object["amount"].as_i64().unwrap_or_default());
    let at = Stamp::from_seconds(object["created"].as_i64().unwrap_or_default()).to_string();
    context! {
        id => text("id"),
        amount => format!("{amount} {}", text("currency").to_uppercase()),
        status => text("status"),
        says => text("status").replace('_', " "),
        description => text("description"),
        secret => text("client_secret"),
        intent => text("payment_intent"),
        day => &at[..10],
        time => &at[11..19],
    }
}

fn page(name: &str, context: Shown) -> Result<Response, Broken> {
    static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
        let mut templates = Environment::new();
        templates.add_global("style", Shown::from_safe_string(include_str!("style.css").to_owned()));
        for (name, text) in [("list.html", include_str!("list.html")), ("pay.html", include_str!("pay.html"))]
        {
            templates
                .add_template(name, text)
                .expect("the template is part of the program and was tried in its tests");
        }
        templates
    });
    let html = TEMPLATES.get_template(name).and_then(|template| template.render(context));
    let html = html.map_err(|error| Error::new(error.to_string()))?;
    Ok(([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(html)).into_response())
}

/// Nothing comes from elsewhere, and nothing runs.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'";

/// A page that could not be shown.
enum Broken {
    Nowhere,
    Failed(Error),
}

impl From<Error> for Broken {
    fn from(error: Error) -> Broken {
        Broken::Failed(error)
    }
}

impl IntoResponse for Broken {
    fn into_response(self) -> Response {
        match self {
            Broken::Nowhere => {
                (StatusCode::NOT_FOUND, "There is no such payment, or this is not its secret.")
            }
            Broken::Failed(error) => return (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
        }
        .into_response()
    }
}
