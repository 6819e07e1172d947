//! One call to a service whose whole SDK would be too much for it.
//!
//! A client of an SDK brings every operation of the service along and reads a table of all regions of the world when it
//! is made: a fifth of what a function does at its start. What such a client stands on is used here as it uses it: the
//! same signature, the same attempts and time limits, the same way to the network.

use std::error::Error;
use std::fmt::{self, Debug, Display};
use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{
    ModeledAsRetryableClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::retry::{ErrorKind, ProvideErrorKind};
use aws_types::SdkConfig;
use serde::de::DeserializeOwned;
use serde_json::Value;
use wire::{Clock, Fault};

use crate::Host;

/// A call that takes JSON and answers JSON.
pub type Call<A> = Operation<Value, A, Refused>;

/// The call of that name, such as `GetParameters` of `AmazonSSM`, which is `ssm` in addresses and signatures.
pub fn call<A>(host: &Host, service: &'static str, target: &str) -> Result<Call<A>, Fault>
where
    A: DeserializeOwned + Debug + Send + Sync + 'static,
{
    let config = host.sdk(&service.to_uppercase())?;
    let signer = Signer {
        identity: host.credentials()?.into(),
        region: host.region()?.to_owned(),
        service,
        clock: host.clock.clone(),
    };
    let (address, target) = (endpoint(&config, service, &signer.region), target.to_owned());
    Ok(Operation::builder()
        .service_name(service)
        .operation_name(target.clone())
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(&address)
        .http_client(host.http.clone())
        .timeout_config(config.timeout_config().expect("the house sets limits").clone())
        .standard_retry(config.retry_config().expect("the house sets attempts"))
        .retry_classifier(TransientErrorClassifier::<Refused>::new())
        .retry_classifier(ModeledAsRetryableClassifier::<Refused>::new())
        .with_connection_poisoning()
        // Signed here instead: as an authentication of the runtime it would need what clients are made of.
        .no_auth()
        .serializer(move |body: Value| signer.request(&address, &target, &body))
        .deserializer(answer)
        .build())
}

/// Where a service is: in its region, unless the variables name another place.
fn endpoint(config: &SdkConfig, service: &str, region: &str) -> String {
    // China's services have a family name of their own.
    let family = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    config.endpoint_url().map_or_else(|| format!("https://{service}.{region}.{family}"), str::to_owned)
}

/// Why a service did not do it.
#[derive(Debug)]
pub struct Refused {
    status: u16,
    text: String,
}

impl Refused {
    /// Whether it would do it at another time.
    fn is_busy(&self) -> bool {
        self.status >= 500 || self.text.contains("ThrottlingException")
    }
}

impl Display for Refused {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(text, "{} {}", self.status, self.text)
    }
}

impl Error for Refused {}

impl ProvideErrorKind for Refused {
    fn retryable_error_kind(&self) -> Option<ErrorKind> {
        self.is_busy().then_some(ErrorKind::ThrottlingError)
    }

    fn code(&self) -> Option<&str> {
        None
    }
}

/// What a failed call means to who made it.
pub fn fault(what: &str, error: &SdkError<Refused, HttpResponse>) -> Fault {
    let text = format!("{what}: {}", DisplayErrorContext(error));
    match error.as_service_error() {
        Some(refused) if !refused.is_busy() => Fault::bug(text),
        _ => Fault::busy(text),
    }
}

struct Signer {
    identity: Identity,
    region: String,
    service: &'static str,
    clock: Clock,
}

impl Signer {
    fn request(&self, endpoint: &str, target: &str, body: &Value) -> Result<HttpRequest, BoxError> {
        let body = serde_json::to_vec(body)?;
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)];
        let now = u64::try_from(self.clock.now().seconds())?;
        let signing = v4::SigningParams::builder()
            .identity(&self.identity)
            .region(&self.region)
            .name(self.service)
            .time(SystemTime::UNIX_EPOCH + Duration::from_secs(now))
            .settings(SigningSettings::default())
            .build()?
            .into();
        let signable =
            SignableRequest::new("POST", endpoint, headers.into_iter(), SignableBody::Bytes(&body))?;
        let (signature, _) = sign(signable, &signing)?.into_parts();
        let mut request = http::Request::post("/");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let mut request = request.body(SdkBody::from(body))?;
        signature.apply_to_request_http1x(&mut request);
        Ok(request.try_into()?)
    }
}

fn answer<A: DeserializeOwned>(response: &HttpResponse) -> Result<A, OrchestratorError<Refused>> {
    let body = response.body().bytes().unwrap_or_default();
    if response.status().is_success() {
        return serde_json::from_slice(body).map_err(OrchestratorError::other);
    }
    let text = String::from_utf8_lossy(body).into_owned();
    Err(OrchestratorError::operation(Refused { status: response.status().as_u16(), text }))
}

#[cfg(test)]
mod tests {
    use aws_credential_types::Credentials;
    use serde_json::json;

    use super::*;

    /// The signature is what botocore makes of the same call.
    #[test]
    fn a_call_is_signed_as_other_sdks_sign_it() {
        let credentials = Credentials::new(
            "AKIDEXAMPLE",
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            Some("a-session".to_owned()),
            None,
            "test",
        );
        let signer = Signer {
            identity: credentials.into(),
            region: "eu-central-1".to_owned(),
            service: "ssm",
            clock: Clock::manual("2026-11-26T12:00:00Z".parse().unwrap()),
        };
        let body = json!({"Names": ["/mercato/dev/shared/jwks"], "WithDecryption": true});
        let endpoint = "https://ssm.eu-central-1.amazonaws.com";
        let request = signer.request(endpoint, "AmazonSSM.GetParameters", &body).unwrap();
        let header = |name| request.headers().get(name).unwrap();
        assert_eq!(header("x-amz-date"), "20261126T120000Z");
        assert_eq!(header("x-amz-security-token"), "a-session");
        assert_eq!(
            header("authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261126/eu-central-1/ssm/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, \
             Signature=426b99a063f0eee7cefde573156826c98bbdb742f777ae0172bab147e472cc47"
        );
    }

    #[test]
    fn services_are_where_the_region_or_the_variables_say() {
        for (region, variable, expected) in [
            ("eu-central-1", None, "https://ssm.eu-central-1.amazonaws.com"),
            ("cn-north-1", None, "https://ssm.cn-north-1.amazonaws.com.cn"),
            ("eu-central-1", Some("http://127.0.0.1:9"), "http://127.0.0.1:9"),
        ] {
            let mut config = SdkConfig::builder();
            config.set_endpoint_url(variable.map(str::to_owned));
            assert_eq!(endpoint(&config.build(), "ssm", region), expected);
        }
    }

    #[test]
    fn what_may_be_done_at_another_time_is_asked_for_again() {
        for (status, text, busy) in [
            (400, r#"{"__type":"ThrottlingException"}"#, true),
            (500, r#"{"__type":"InternalServerError"}"#, true),
            (503, "", true),
            (400, r#"{"__type":"AccessDeniedException"}"#, false),
        ] {
            let refused = Refused { status, text: text.to_owned() };
            assert_eq!(refused.retryable_error_kind().is_some(), busy, "{refused}");
        }
    }
}
