//! Keys and secrets, from the parameter store.

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Formatter};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;
use wire::Fault;

use crate::Host;
use crate::asked::{self, Call};

/// The stage's parameters. They have no defaults: a function that misses one does not start.
#[derive(Clone, Debug)]
pub struct Parameters {
    call: Call<Answer>,
    prefix: String,
}

impl Parameters {
    /// The parameters below the prefix that the variables name.
    pub fn open(host: &Host) -> Result<Self, Fault> {
        let prefix = host.env.require("MERCATO_PARAMETERS")?.trim_end_matches('/').to_owned();
        Ok(Self { call: asked::call(host, "ssm", "AmazonSSM.GetParameters")?, prefix })
    }

    /// The value of a parameter such as `shared/jwks`.
    pub async fn read(&self, name: &str) -> Result<String, Fault> {
        Ok(self.read_all(&[name]).await?.text(name)?.to_owned())
    }

    /// The values of up to ten parameters, by one call.
    pub async fn read_all(&self, names: &[&str]) -> Result<Values, Fault> {
        let below = format!("{}/", self.prefix);
        let paths: Vec<String> = names.iter().map(|name| format!("{below}{name}")).collect();
        let ask = self.call.invoke(json!({"Names": paths, "WithDecryption": true}));
        // The SDK's futures are large; boxed, they do not swell every future around them.
        let answer = Box::pin(ask).await.map_err(|error| {
            asked::fault(&format!("the parameters {} cannot be read", names.join(", ")), &error)
        })?;
        // Those that do not exist are left out, and are missed by who wants them.
        let found = answer.parameters.into_iter();
        let found = found.filter_map(|one| Some((one.name.strip_prefix(&below)?.to_owned(), one.value)));
        Ok(Values(found.collect()))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    parameters: Vec<Parameter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter {
    name: String,
    value: String,
}

/// Values are secret; what the SDK's layers tell of a call names none.
impl Debug for Answer {
    fn fmt(&self, text: &mut Formatter<'_>) -> fmt::Result {
        text.debug_list().entries(self.parameters.iter().map(|one| &one.name)).finish()
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
