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
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;
use wire::{Fault, Stamp};

use crate::{Host, log, queue};

type Answer = Pin<Box<dyn Future<Output = Result<String, Error>> + Send>>;

/// A function as the platform sees it, whatever its trigger.
///
/// The same value answers the Lambda runtime, the local cloud and the tests.
#[derive(Clone)]
pub struct Function {
    answer: Arc<dyn Fn(String, Context) -> Answer + Send + Sync>,
    /// An event that does nothing.
    idle: Option<&'static str>,
}

impl Function {
    /// A function behind the HTTP API: gateway events become requests to the router.
    pub fn http(router: Router) -> Self {
        let answer = move |event: String, context| -> Answer {
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
        };
        Self { answer: Arc::new(answer), idle: Some(NOWHERE) }
    }

    /// A function behind a queue, a stream, a rule or a schedule.
    pub fn events<H, F>(handle: H) -> Self
    where
        H: Fn(Value) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Value, Fault>> + Send + 'static,
    {
        let handle = Arc::new(handle);
        let answer = move |event: String, _| -> Answer {
            let handle = handle.clone();
            Box::pin(async move {
                let answer = handle(serde_json::from_str(&event)?).await;
                if let Err(fault) = &answer {
                    log::fault(fault);
                }
                Ok(answer?.to_string())
            })
        };
        Self { answer: Arc::new(answer), idle: None }
    }

    /// A function behind a queue, as what it does with one message. Those that fail come again, and no others.
    pub fn messages<H, F>(handle: H) -> Self
    where
        H: Fn(String) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<(), Fault>> + Send + 'static,
    {
        Self::events(move |event| {
            let handle = handle.clone();
            async move { queue::work(&event, handle).await }
        })
    }

    /// Runs the function once, without an end to its time.
    pub async fn invoke(&self, event: &str) -> Result<String, Error> {
        (self.answer)(event.to_owned(), Context::default()).await
    }

    /// Runs the function once, as the platform would that ends it then.
    pub async fn invoke_until(&self, event: &str, end: Stamp) -> Result<String, Error> {
        let mut context = Context::default();
        context.deadline = u64::try_from(end.micros() / 1000)?;
        (self.answer)(event.to_owned(), context).await
    }

    /// Goes the way of a request once, so that the first that matters finds it trodden: its code in memory, its tables
    /// made. Nobody sees it: it asks for nothing, and nothing is logged, which also leaves the first request its mark.
    async fn warm_up(&self) {
        if let Some(idle) = self.idle {
            // Whatever this came to, a request would come to as well, and be answered for.
            let _ = self.invoke(idle).with_subscriber(NoSubscriber::default()).await;
        }
    }
}

/// A request for a page that nobody has.
const NOWHERE: &str = concat!(
    r#"{"version": "2.0", "routeKey": "$default", "rawPath": "/", "rawQueryString": "", "headers": {}, "#,
    r#""requestContext": {"stage": "$default", "http": {"method": "GET", "path": "/", "protocol": "HTTP/1.1"}}, "#,
    r#""isBase64Encoded": false}"#
);

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
    function.warm_up().await;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Box<RawValue>>| {
        let function = function.clone();
        async move {
            let answer = (function.answer)(event.payload.get().to_owned(), event.context).await?;
            Ok::<_, Error>(RawValue::from_string(answer)?)
        }
    }))
    .await
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Mutex, PoisonError};

    use axum::extract::Request;
    use axum::routing::get;
    use lambda_http::RequestExt;

    use crate::{Edge, Env};

    use super::*;

    /// What was logged.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Lines {
        fn text(&self) -> String {
            let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            String::from_utf8(bytes.clone()).unwrap()
        }
    }

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_request_knows_when_its_time_ends() {
        let deadline = |request: Request| async move {
            request.lambda_context_ref().map(|context| context.deadline.to_string()).unwrap_or_default()
        };
        let function = Function::http(Router::new().route("/", get(deadline)));
        let end = "2026-11-26T12:00:00.250Z".parse().unwrap();
        let answer: Value =
            serde_json::from_str(&function.invoke_until(NOWHERE, end).await.unwrap()).unwrap();
        assert_eq!(answer["body"], "1795694400250");
        let answer: Value = serde_json::from_str(&function.invoke(NOWHERE).await.unwrap()).unwrap();
        assert_eq!(answer["body"], "0");
    }

    #[tokio::test]
    async fn warming_up_is_seen_by_nobody() {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber =
            tracing_subscriber::fmt().json().flatten_event(true).with_writer(move || writer.clone()).finish();
        let host = Host { env: Env::default(), ..Host::lambda() };
        let router = Router::new().route("/", get(|| async { "somebody asked for it" }));
        let function = Edge::open(&host, "docs").function(Router::new().nest("/api/docs", router));
        async {
            function.warm_up().await;
            assert_eq!(lines.text(), "");
            let first = NOWHERE.replace(r#""rawPath": "/""#, r#""rawPath": "/api/docs""#);
            assert!(function.invoke(&first).await.unwrap().contains("somebody asked for it"));
            assert!(lines.text().contains(r#""cold":true"#), "{}", lines.text());
            let again = function.invoke(NOWHERE).await.unwrap();
            assert!(again.contains(r#""statusCode":404"#), "the way of a request, and nobody there: {again}");
            assert!(lines.text().contains(r#""cold":false"#));
        }
        .with_subscriber(subscriber)
        .await;
    }
}
