//! The way to Stripe: opened by the first call, and by nothing before it.

use std::sync::OnceLock;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http::Request;
use http_body_util::{BodyExt, Limited};
use tokio::time::timeout;

/// Answers are some kilobytes.
const LARGEST: usize = 1024 * 1024;

/// A way to one origin.
#[derive(Debug, Default)]
pub(crate) struct Network(OnceLock<Connector>);

/// An answer, whatever it says.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Network {
    /// Sends a request once. What went wrong is told in words that quote nothing.
    pub(crate) async fn send(
        &self,
        request: Request<String>,
        patience: Duration,
    ) -> Result<Answer, &'static str> {
        let connector = self.0.get_or_init(|| connector(request.uri().scheme_str() == Some("https")));
        let request =
            HttpRequest::try_from(request.map(SdkBody::from)).map_err(|_| "the request does not read")?;
        let exchange = async {
            let answer = connector
                .call(request)
                .await
                .map_err(|error| if error.is_timeout() { "timed out" } else { "the connection failed" })?;
            let status = answer.status().as_u16();
            let body = Limited::new(answer.into_body(), LARGEST).collect().await;
            let body = body.map_err(|_| "the answer was cut off")?.to_bytes().to_vec();
            Ok(Answer { status, body })
        };
        timeout(patience, exchange).await.map_err(|_| "timed out")?
    }
}

/// The stack of the AWS SDK, which is here already. The authorities are the machine's: see the decision on it.
fn connector(encrypted: bool) -> Connector {
    if encrypted {
        Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).build()
    } else {
        Connector::builder().build_http()
    }
}
