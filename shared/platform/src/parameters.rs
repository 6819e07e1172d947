//! Keys and secrets, from the parameter store.

use std::collections::BTreeMap;

use aws_sdk_ssm::Client;
use aws_smithy_types::error::display::DisplayErrorContext;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
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
        Ok(self.read_all(&[name]).await?.text(name)?.to_owned())
    }

    /// The values of up to ten parameters, by one call.
    pub async fn read_all(&self, names: &[&str]) -> Result<Values, Fault> {
        let below = format!("{}/", self.prefix);
        let paths = names.iter().map(|name| format!("{below}{name}")).collect();
        let ask = self.client.get_parameters().set_names(Some(paths)).with_decryption(true);
        // The SDK's futures are large; boxed, they do not swell every future around them.
        let answer = Box::pin(ask.send()).await.map_err(|error| {
            let names = names.join(", ");
            let text = format!("the parameters {names} cannot be read: {}", DisplayErrorContext(&error));
            if error.as_service_error().is_some() { Fault::bug(text) } else { Fault::busy(text) }
        })?;
        // Those that do not exist are left out, and are missed by who wants them.
        let found = answer.parameters.unwrap_or_default().into_iter();
        let found = found.filter_map(|one| Some((one.name?.strip_prefix(&below)?.to_owned(), one.value?)));
        Ok(Values(found.collect()))
    }
}

/// What was read by one call.
pub struct Values(BTreeMap<String, String>);

impl Values {
    /// The value of a parameter.
    pub fn text(&self, name: &str) -> Result<&str, Fault> {
        let value = self.0.get(name).ok_or_else(|| Fault::bug(format!("there is no parameter {name}")))?;
        if value.is_empty() { Err(Fault::bug(format!("the parameter {name} is empty"))) } else { Ok(value) }
    }

    /// A secret of at least so many bytes, in base64.
    pub fn secret(&self, name: &str, least: usize) -> Result<Vec<u8>, Fault> {
        let bytes = STANDARD
            .decode(self.text(name)?.trim())
            .map_err(|_| Fault::bug(format!("the parameter {name} is not base64")))?;
        if bytes.len() < least {
            return Err(Fault::bug(format!("the parameter {name} is shorter than {least} bytes")));
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_empty_or_no_secret_is_named() {
        let values =
            [("a/text", "words"), ("a/empty", ""), ("a/short", "c2hvcnQ="), ("a/secret", " bG9uZ2Vy\n")];
        let values = Values(values.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        assert_eq!(values.text("a/text").unwrap(), "words");
        assert_eq!(values.secret("a/secret", 6).unwrap(), b"longer");
        for (name, told) in [
            ("a/none", "there is no parameter a/none"),
            ("a/empty", "the parameter a/empty is empty"),
            ("a/text", "the parameter a/text is not base64"),
            ("a/short", "the parameter a/short is shorter than 6 bytes"),
        ] {
            assert!(values.secret(name, 6).unwrap_err().to_string().contains(told), "{name}");
        }
    }
}
