//! Trouble beneath the SDK: what a network and a busy table do, on order and by seed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use crate::meter::Meter;

/// What may happen to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It never arrives.
    Unsent,
    /// It arrives and has its effect, but the answer is lost.
    Lost,
    /// It takes so many milliseconds more.
    Slow(u64),
    /// The table is too busy.
    Throttled,
    /// Another transaction holds one of the items.
    Conflict,
    /// The table fails.
    Broken,
    /// It arrives twice.
    Twice,
    /// A read that need not be strong answers as it did when it was last asked the same.
    Stale,
}

/// The trouble of a world, and the meter of its calls.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    plan: Mutex<Plan>,
    meter: Meter,
}

#[derive(Debug, Default)]
struct Plan {
    ordered: Vec<(String, Fault)>,
    rates: Vec<(Fault, u32)>,
    chance: Option<fastrand::Rng>,
    happened: HashMap<String, u32>,
    remembered: HashMap<String, (u16, Vec<u8>)>,
    /// The tokens of the transactions that happened.
    done: HashSet<String>,
}

impl Faults {
    /// The next call of `operation`, such as `TransactWriteItems`, meets this; several orders queue up.
    pub fn next(&self, operation: &str, fault: Fault) {
        self.plan().ordered.push((operation.to_owned(), fault));
    }

    /// From now on each call meets each of these faults with so many chances in a hundred, drawn from `seed`.
    pub fn chance(&self, seed: u64, rates: &[(Fault, u32)]) {
        let mut plan = self.plan();
        (plan.chance, plan.rates) = (Some(fastrand::Rng::with_seed(seed)), rates.to_vec());
    }

    /// No more trouble.
    pub fn stop(&self) {
        let mut plan = self.plan();
        (plan.chance, plan.rates) = (None, Vec::new());
        plan.ordered.clear();
    }

    /// How often each fault happened.
    pub fn happened(&self) -> HashMap<String, u32> {
        self.plan().happened.clone()
    }

    /// The meter of the calls that pass here.
    pub(crate) fn meter(&self) -> &Meter {
        &self.0.meter
    }

    /// The network with this trouble.
    pub(crate) fn over(&self, inner: SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(Client { inner, faults: self.clone() })
    }

    fn plan(&self) -> std::sync::MutexGuard<'_, Plan> {
        self.0.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn draw(&self, operation: &str) -> Option<Fault> {
        let mut plan = self.plan();
        let ordered = plan.ordered.iter().position(|(wanted, _)| wanted == operation);
        let fault = if let Some(position) = ordered {
            Some(plan.ordered.remove(position).1)
        } else {
            let rates = plan.rates.clone();
            let chance = plan.chance.as_mut()?;
            rates
                .into_iter()
                .find(|(fault, rate)| applies(*fault, operation) && chance.u32(0..100) < *rate)
                .map(|(f, _)| f)
        };
        if let Some(fault) = fault {
            *plan.happened.entry(format!("{fault:?}")).or_default() += 1;
        }
        fault
    }
}

/// Conflicts are of writes, staleness is of reads.
fn applies(fault: Fault, operation: &str) -> bool {
    match fault {
        Fault::Conflict => matches!(operation, "TransactWriteItems" | "UpdateItem"),
        Fault::Stale => matches!(operation, "GetItem" | "Query" | "BatchGetItem"),
        _ => true,
    }
}

#[derive(Clone, Debug)]
struct Client {
    inner: SharedHttpClient,
    faults: Faults,
}

impl HttpClient for Client {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Connector { inner, faults: self.faults.clone() })
    }
}

#[derive(Clone, Debug)]
struct Connector {
    inner: SharedHttpConnector,
    faults: Faults,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connector = self.clone();
        HttpConnectorFuture::new(async move { connector.pass(request).await })
    }
}

impl Connector {
    async fn pass(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
        let (service, operation) = target.split_once('.').unwrap_or_default();
        if !service.starts_with("DynamoDB") {
            return self.inner.call(request).await;
        }
        let body = request.body().bytes().unwrap_or_default().to_vec();
        let call = self.faults.meter().begin(operation);
        let answer = self.trouble(operation, &body, request).await;
        self.faults.meter().end(&call, answer.as_ref().ok().map(|(_, body)| body.as_slice()));
        let (status, body) = answer?;
        let mut response = HttpResponse::new(status, SdkBody::from(body));
        response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
        Ok(response)
    }

    async fn trouble(
        &self,
        operation: &str,
        body: &[u8],
        request: HttpRequest,
    ) -> Result<(StatusCode, Vec<u8>), ConnectorError> {
        let error = |kind: &str, extra: Value| {
            let mut body = json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{kind}"), "message": "injected" });
            body.as_object_mut().expect("an object").extend(extra.as_object().cloned().unwrap_or_default());
            body.to_string().into_bytes()
        };
        let status = |code: u16| StatusCode::try_from(code).expect("a valid status");
        match self.faults.draw(operation) {
            None => self.send(operation, body, request).await,
            Some(Fault::Unsent) => Err(ConnectorError::io("injected: connection refused".into())),
            Some(Fault::Lost) => {
                self.send(operation, body, request).await?;
                Err(ConnectorError::timeout("injected: the answer was lost".into()))
            }
            Some(Fault::Slow(millis)) => {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                self.send(operation, body, request).await
            }
            Some(Fault::Throttled) => Ok((status(400), error("ThrottlingException", json!({})))),
            Some(Fault::Broken) => Ok((status(500), error("InternalServerError", json!({})))),
            // Sent again after its answer was lost, a transaction is known by its token: it meets nobody any more.
            Some(Fault::Conflict) if self.faults.plan().done.contains(&token(body)) => {
                self.send(operation, body, request).await
            }
            Some(Fault::Conflict) if operation == "TransactWriteItems" => {
                Ok((status(400), error("TransactionCanceledException", conflicts(body))))
            }
            Some(Fault::Conflict) => Ok((status(400), error("TransactionConflictException", json!({})))),
            Some(Fault::Twice) => {
                if let Some(copy) = request.try_clone() {
                    self.send(operation, body, copy).await?;
                }
                self.send(operation, body, request).await
            }
            Some(Fault::Stale) => {
                let known = self.faults.plan().remembered.get(&question(operation, body)).cloned();
                match known.filter(|_| !is_strong(body)) {
                    Some((code, answer)) => Ok((status(code), answer)),
                    None => self.send(operation, body, request).await,
                }
            }
        }
    }

    async fn send(
        &self,
        operation: &str,
        body: &[u8],
        request: HttpRequest,
    ) -> Result<(StatusCode, Vec<u8>), ConnectorError> {
        let response = self.inner.call(request).await?;
        let status = response.status();
        let answer = response.into_body().collect().await;
        let answer =
            answer.map_err(|error| ConnectorError::io(error.to_string().into()))?.to_bytes().to_vec();
        if operation == "TransactWriteItems" && status.is_success() {
            self.faults.plan().done.insert(token(body));
        }
        if applies(Fault::Stale, operation) && status.is_success() {
            let mut plan = self.faults.plan();
            plan.remembered
                .entry(question(operation, body))
                .or_insert_with(|| (status.as_u16(), answer.clone()));
        }
        Ok((status, answer))
    }
}

/// The reasons of a transaction whose items somebody else holds: one of them, to be chosen by its length.
fn conflicts(body: &[u8]) -> Value {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let steps = request["TransactItems"].as_array().map_or(1, Vec::len);
    let reason = |n: usize| json!({ "Code": if n == steps - 1 { "TransactionConflict" } else { "None" } });
    json!({ "CancellationReasons": (0..steps).map(reason).collect::<Vec<_>>() })
}

/// What the SDK calls a transaction by, however often it sends it.
fn token(body: &[u8]) -> String {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    request["ClientRequestToken"].as_str().unwrap_or_default().to_owned()
}

fn is_strong(body: &[u8]) -> bool {
    String::from_utf8_lossy(body).contains("\"ConsistentRead\":true")
}

/// The same for the same question: the SDK writes the members of a body in any order.
fn question(operation: &str, body: &[u8]) -> String {
    format!("{operation} {}", sorted(serde_json::from_slice(body).unwrap_or_default()))
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<_, _> =
                members.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            members.into_iter().collect()
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        plain => plain,
    }
}
