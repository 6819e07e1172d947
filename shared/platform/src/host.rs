//! What a function stands on: variables, a clock and the way to the network.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use table::{Seal, Table};
use uuid::Uuid;
use wire::{Clock, Fault};

use crate::{Env, log};

/// The authorities whose word AWS's services prove themselves by. Trusting no others spares reading the machine's, which
/// took longer than all else that happens at the start.
const ROOTS: &str = include_str!("amazon-roots.pem");

/// Everything outside the function's own code; the only seam between production, the local cloud and tests.
#[derive(Clone, Debug)]
pub struct Host {
    /// The function's variables.
    pub env: Env,
    /// The function's time.
    pub clock: Clock,
    /// The network beneath the AWS SDK.
    pub http: SharedHttpClient,
}

/// The way to the network. Each SDK client that is made tries its network out, for which the way beneath builds a
/// connector with all roots and throws it away; here there is nothing left to find out.
#[derive(Debug)]
struct Network(SharedHttpClient);

impl HttpClient for Network {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.0.http_connector(settings, components)
    }
}

impl Host {
    /// The surroundings of a deployed function: its process, the system clock, TLS by ring.
    pub fn lambda() -> Self {
        let trusted = TrustStore::empty().with_pem_certificate(ROOTS);
        let context = TlsContext::builder().with_trust_store(trusted).build();
        let http = Builder::new()
            .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
            .tls_context(context.expect("no option is left to be wrong"))
            .build_https();
        Self { env: Env::process(), clock: Clock::system(), http: SharedHttpClient::new(Network(http)) }
    }

    /// The table, whose seal closes what clients hold for us.
    pub fn table(&self, seal: Seal) -> Result<Table, Fault> {
        Ok(Table::new(&self.sdk("DYNAMODB")?, self.env.require("MERCATO_TABLE")?, seal))
    }

    /// The table for a function that hands nothing to clients: what it sealed, nobody could open.
    pub fn table_without_seal(&self) -> Result<Table, Fault> {
        let random = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()];
        let key = random.as_flattened().try_into().expect("two ids have 32 bytes");
        self.table(Seal::new(key))
    }

    /// The same with its connection open, so that the first event need not wait for it.
    pub async fn connected_table(&self) -> Result<Table, Fault> {
        let table = self.table_without_seal()?;
        if let Err(fault) = table.connect().await {
            // What is away now may be back when the first event comes.
            log::fault(&fault);
        }
        Ok(table)
    }

    /// The origins whose pages may read answers; none unless the variables name them.
    pub(crate) fn origins(&self) -> Vec<String> {
        let origins = self.env.get("MERCATO_CORS_ORIGINS").unwrap_or_default();
        origins
            .split(',')
            .map(|origin| origin.trim().to_owned())
            .filter(|origin| !origin.is_empty())
            .collect()
    }

    /// Whose name calls are signed in.
    pub(crate) fn credentials(&self) -> Result<Credentials, Fault> {
        Ok(Credentials::new(
            self.env.require("AWS_ACCESS_KEY_ID")?,
            self.env.require("AWS_SECRET_ACCESS_KEY")?,
            self.env.get("AWS_SESSION_TOKEN").map(str::to_owned),
            None,
            "environment",
        ))
    }

    /// Where the services are.
    pub(crate) fn region(&self) -> Result<&str, Fault> {
        self.env.require("AWS_REGION")
    }

    /// The SDK configuration for one service, at its own endpoint where the variables name one.
    ///
    /// The SDK waits for ever by default: each attempt gets 1.5 s, and each call with its retries 5 s.
    pub fn sdk(&self, service: &str) -> Result<SdkConfig, Fault> {
        let endpoint = self
            .env
            .get(&format!("AWS_ENDPOINT_URL_{service}"))
            .or_else(|| self.env.get("AWS_ENDPOINT_URL"))
            .map(str::to_owned);
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_millis(1500))
            .operation_timeout(Duration::from_secs(5))
            .build();
        // The SDK's own first pause is up to a second; a table that throttles is ready again long before.
        let retries =
            RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(100));
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.region()?.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(self.credentials()?))
            .http_client(self.http.clone())
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .retry_config(retries)
            .timeout_config(timeouts);
        config.set_endpoint_url(endpoint);
        Ok(config.build())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first call makes a connector of the roots, which panics at one that does not read.
    #[tokio::test]
    async fn amazons_roots_read() {
        assert_eq!(ROOTS.matches("BEGIN CERTIFICATE").count(), 5);
        let env = Env::from([
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ENDPOINT_URL", "https://127.0.0.1:9"),
            ("AWS_ACCESS_KEY_ID", "nobody"),
            ("AWS_SECRET_ACCESS_KEY", "none"),
            ("MERCATO_TABLE", "mercato-local"),
        ]);
        let table = Host { env, ..Host::lambda() }.table_without_seal().unwrap();
        assert!(table.connect().await.unwrap_err().is_busy());
    }
}
