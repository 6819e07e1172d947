//! Payments: the stand-in of Stripe, where it is mounted, whom it tells, and when it steps aside.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{Request, Uri};
use standins::stripe::{Dispatch, Endpoint, PUBLISHABLE_KEY, SECRET_KEY};
use tower::ServiceExt;
use wire::Fault;

use crate::Whole;
use crate::deliver::Delivery;

/// Where browsers find the stand-in.
pub const MOUNT: &str = "/api/prepaid/stripe";

/// The variable by which whoever starts the local cloud leads payments past the stand-in, to Stripe itself.
const BASE: &str = "STRIPE_API_BASE";

/// What the stand-in signs with, unless somebody has secrets of Stripe's own.
const WEBHOOK_SECRET: &str = "whsec_standin";

/// What whoever starts the local cloud says of the real Stripe.
fn real(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|value| !value.is_empty())
}

/// Whether payments are the stand-in's.
pub fn stands_in() -> bool {
    real(BASE).is_none()
}

/// The key that pages name themselves to Stripe by.
pub(crate) fn publishable_key() -> String {
    real("STRIPE_PUBLISHABLE_KEY").unwrap_or_else(|| PUBLISHABLE_KEY.to_owned())
}

/// Who is told of payments.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    [("/api/prepaid/payments/webhook/", WEBHOOK_SECRET)]
        .map(|(path, secret)| Endpoint { path: path.to_owned(), secret: secret.to_owned() })
        .into()
}

/// The parameters that hold secrets of payments: those of whoever starts the local cloud, or the stand-in's.
pub(crate) fn secrets() -> [(&'static str, String); 2] {
    [
        ("prepaid/stripe-key", "STRIPE_SECRET_KEY", SECRET_KEY),
        ("payments/prepaid-webhook-secret", "STRIPE_WEBHOOK_SECRET", WEBHOOK_SECRET),
    ]
    .map(|(name, variable, ours)| (name, real(variable).unwrap_or_else(|| ours.to_owned())))
}

impl Whole {
    /// The variables that say where Stripe is.
    pub(crate) fn way_to_stripe(&self) -> [(&'static str, String); 1] {
        [("MERCATO_STRIPE_API_BASE", real(BASE).unwrap_or_else(|| self.cloud.stripe_url()))]
    }

    /// The stand-in's answer, if the request is for it.
    pub(crate) async fn answer_as_stripe(&self, request: &Request<Vec<u8>>) -> Option<Response> {
        let path = request.uri().path().strip_prefix(MOUNT).filter(|path| path.starts_with('/'))?;
        if !stands_in() {
            return None;
        }
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        let mut inner = Request::new(Body::from(request.body().clone()));
        *inner.method_mut() = request.method().clone();
        *inner.headers_mut() = request.headers().clone();
        *inner.uri_mut() = Uri::try_from(format!("{path}{query}")).ok()?;
        Some(self.cloud.stripe.router().oneshot(inner).await.into_response())
    }

    /// Sends the events of payments that are due, through the gateway like everybody else.
    pub async fn deliver_payments(&self) -> Result<Delivery, Fault> {
        let due = self.cloud.stripe.due().map_err(Fault::bug)?;
        let (mut taken, all) = (0, due.len());
        for dispatch in due {
            let status = self.send(&dispatch).await?;
            self.cloud.stripe.sent(&dispatch, status).map_err(Fault::bug)?;
            taken += usize::from((200..300).contains(&status));
        }
        Ok(match (taken, all) {
            (_, 0) => Delivery::Nothing,
            (taken, all) if taken == all => Delivery::Taken(taken),
            _ => Delivery::Failed,
        })
    }

    async fn send(&self, dispatch: &Dispatch) -> Result<u16, Fault> {
        let request = Request::post(&dispatch.path)
            .header("host", "localhost")
            .header("content-type", "application/json; charset=utf-8")
            .header("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
            .header("stripe-signature", &dispatch.signature)
            .body(dispatch.body.clone().into_bytes())
            .map_err(Fault::bug)?;
        let status = self.request(request, "127.0.0.1").await.status();
        if !status.is_success() {
            tracing::warn!(target: "deliver", path = dispatch.path, status = status.as_u16(), "an event of payments waits");
        }
        Ok(status.as_u16())
    }
}
