//! One Lambda function: JSON in, JSON out.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use futures_util::FutureExt;
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Context, Error, LambdaEvent};
use lambda_runtime::service_fn;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;
use serde_json::value::RawValue;
use tower::Service;
use wire::Fault;

use crate::{Host, log};

type Answer = Pin<Box<dyn Future<Output = Result<String, Error>> + Send>>;

/// A function as the platform sees it, whatever its trigger.
///
/// The same value answers the Lambda runtime, the local cloud and the tests.
#[derive(Clone)]
pub struct Function(Arc<dyn Fn(String, Context) -> Answer + Send + Sync>);

impl Function {
    /// A function behind the HTTP API: gateway events become requests to the router.
    pub fn http(router: Router) -> Self {
        Self(Arc::new(move |event, context| {
            let router = router.clone();
            Box::pin(async move {
                let mut payload: LambdaRequest = serde_json::from_str(&event)?;
                addressable(&mut payload);
                // A router is always ready; the adapter itself must not be held while waiting. It panics at requests
                // that make no address, which are the sender's fault and not a failure of the function.
                let calling =
                    AssertUnwindSafe(|| Adapter::from(router).call(LambdaEvent { payload, context }));
                let Ok(answer) = catch_unwind(calling) else { return Ok(BAD_REQUEST.to_owned()) };
                Ok(serde_json::to_string(&answer.await?)?)
            })
        }))
    }

    /// A function behind a queue, a stream, a rule or a schedule.
    pub fn events<H, F>(handle: H) -> Self
    where
        H: Fn(Value) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Value, Fault>> + Send + 'static,
    {
        let handle = Arc::new(handle);
        Self(Arc::new(move |event, _| {
            let handle = handle.clone();
            Box::pin(async move {
                let answer = handle(serde_json::from_str(&event)?).await;
                if let Err(fault) = &answer {
                    log::fault(fault);
                }
                Ok(answer?.to_string())
            })
        }))
    }

    /// Runs the function once, as the platform would.
    pub async fn invoke(&self, event: &str) -> Result<String, Error> {
        (self.0)(event.to_owned(), Context::default()).await
    }
}

/// The answer to a request that makes no address.
const BAD_REQUEST: &str = concat!(
    r#"{"statusCode": 400, "headers": {"content-type": "application/json"}, "isBase64Encoded": false, "#,
    r#""body": "{\"detail\": \"Bad request.\"}"}"#
);

/// Gives a request an address again: the gateway hands its path out decoded, and a client may claim any scheme.
fn addressable(payload: &mut LambdaRequest) {
    if let LambdaRequest::ApiGatewayV2(request) = payload {
        let encoded = |text: &String, kept: &'static AsciiSet| utf8_percent_encode(text, kept).to_string();
        request.raw_path = request.raw_path.as_ref().map(|path| encoded(path, IN_PATH));
        request.raw_query_string = request.raw_query_string.as_ref().map(|query| encoded(query, IN_QUERY));
        let scheme = request.headers.get("x-forwarded-proto");
        if scheme.is_some_and(|scheme| scheme != "https" && scheme != "http") {
            request.headers.remove("x-forwarded-proto");
        }
    }
}

/// What cannot stand in a query as it is.
const IN_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'`').add(b'\\');

/// What cannot stand in a path as it is, or would end it.
const IN_PATH: &AsciiSet = &IN_QUERY.add(b'?').add(b'%').add(b'{').add(b'}').add(b'^').add(b'|');

/// Runs `work`, turning a panic into a fault, so that one bad record never takes its neighbours down.
pub async fn guarded<T>(work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words");
        Err(Fault::bug(format!("panic: {text}")))
    })
}

/// The main of every binary: boots the function and serves the Lambda runtime.
pub async fn run(boot: impl AsyncFnOnce(Host) -> Result<Function, Fault>) -> Result<(), Error> {
    let host = Host::lambda();
    log::to_lambda(&host.env);
    let function = boot(host).await.inspect_err(log::fault)?;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Box<RawValue>>| {
        let function = function.clone();
        async move {
            let answer = (function.0)(event.payload.get().to_owned(), event.context).await?;
            Ok::<_, Error>(RawValue::from_string(answer)?)
        }
    }))
    .await
}
