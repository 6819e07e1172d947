//! Keys and secrets, from the parameter store.

use aws_sdk_ssm::Client;
use aws_smithy_types::error::display::DisplayErrorContext;
use wire::Fault;

use crate::Host;

/// The stage's parameters. They have no defaults: a function that misses one does not start.
#[derive(Clone, Debug)]
pub struct Parameters {
    client: Client,
    prefix: String,
}

impl Parameters {
    /// The parameters below the prefix that the variables name.
    pub fn open(host: &Host) -> Result<Self, Fault> {
        let prefix = host.env.require("MERCATO_PARAMETERS")?.trim_end_matches('/').to_owned();
        Ok(Self { client: Client::new(&host.sdk("SSM")?), prefix })
    }

    /// The value of a parameter such as `shared/jwks`.
    pub async fn read(&self, name: &str) -> Result<String, Fault> {
        let name = format!("{}/{name}", self.prefix);
        let ask = self.client.get_parameter().name(&name).with_decryption(true);
        // The SDK's futures are large; boxed, they do not swell every future around them.
        let answer = Box::pin(ask.send()).await.map_err(|error| {
            let text = format!("the parameter {name} cannot be read: {}", DisplayErrorContext(&error));
            if error.as_service_error().is_some() { Fault::bug(text) } else { Fault::busy(text) }
        })?;
        let value = answer.parameter.and_then(|parameter| parameter.value).filter(|value| !value.is_empty());
        value.ok_or_else(|| Fault::bug(format!("the parameter {name} is empty")))
    }

    /// A secret of at least so many bytes, in base64.
    pub async fn secret(&self, name: &str, least: usize) -> Result<Vec<u8>, Fault> {
        use base64::Engine as _;
        let text = self.read(name).await?;
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(text.trim())
            .map_err(|_| Fault::bug(format!("the parameter {name} is not base64")))?;
        if bytes.len() < least {
            return Err(Fault::bug(format!("the parameter {name} is shorter than {least} bytes")));
        }
        Ok(bytes)
    }
}
