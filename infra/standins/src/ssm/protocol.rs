//! The JSON protocol of SSM.

use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::{Parameter, Parameters};
use crate::answer::{self, Refusal};
use crate::front::Call;
use crate::store::lock;

type Answer = Result<Value, Refusal>;

/// How many parameters can be read by one call.
const MOST_NAMES: usize = 10;

impl Parameters {
    pub(crate) fn answer(&self, call: &Call<'_>) -> Response {
        let request: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        answer::json("application/x-amz-json-1.1", "", self.operate(call, &request))
    }

    fn operate(&self, call: &Call<'_>, request: &Value) -> Answer {
        match call.operation {
            "GetParameter" => {
                let name = text(request, "Name");
                self.permit(call, name)?;
                let parameters = lock(&self.0.parameters);
                let unknown = || Refusal::new("ParameterNotFound", format!("Parameter {name} not found."));
                let parameter = parameters.get(name).ok_or_else(unknown)?;
                Ok(json!({ "Parameter": self.view(name, parameter, request) }))
            }
            "GetParameters" => self.several(call, request),
            "GetParametersByPath" => self.below(call, request),
            "PutParameter" => self.set(call, request),
            operation => Err(Refusal::new(
                "UnsupportedOperationException",
                format!("{operation} is not offered locally."),
            )),
        }
    }

    fn several(&self, call: &Call<'_>, request: &Value) -> Answer {
        let names = request["Names"].as_array().map(Vec::as_slice).unwrap_or_default();
        if !(1..=MOST_NAMES).contains(&names.len()) {
            let text = format!("'names' must have length from 1 to {MOST_NAMES}; it has {}.", names.len());
            return Err(Refusal::new("ValidationException", text));
        }
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for name in names.iter().filter_map(Value::as_str) {
            self.permit(call, name)?;
            match lock(&self.0.parameters).get(name) {
                Some(parameter) => found.push(self.view(name, parameter, request)),
                None => missing.push(name),
            }
        }
        Ok(json!({ "Parameters": found, "InvalidParameters": missing }))
    }

    fn below(&self, call: &Call<'_>, request: &Value) -> Answer {
        let path = text(request, "Path");
        self.permit(call, path)?;
        let folder = format!("{}/", path.trim_end_matches('/'));
        let recursive = request["Recursive"] == true;
        let size = request["MaxResults"].as_u64().and_then(|size| usize::try_from(size).ok()).unwrap_or(10);
        let from = text(request, "NextToken");
        let parameters = lock(&self.0.parameters);
        let mut page: Vec<_> = parameters
            .range(from.to_owned()..)
            .filter(|(name, _)| {
                name.strip_prefix(&folder).is_some_and(|rest| recursive || !rest.contains('/'))
            })
            .take(size + 1)
            .collect();
        let next = if page.len() > size { page.pop().map(|(name, _)| name.clone()) } else { None };
        let page: Vec<_> =
            page.into_iter().map(|(name, parameter)| self.view(name, parameter, request)).collect();
        let mut answer = json!({ "Parameters": page });
        if let Some(next) = next {
            answer["NextToken"] = next.into();
        }
        Ok(answer)
    }

    fn set(&self, call: &Call<'_>, request: &Value) -> Answer {
        let name = text(request, "Name");
        self.permit(call, name)?;
        if request["Overwrite"] != true && self.get(name).is_some() {
            let exists = "The parameter already exists. To overwrite this value, set the overwrite option in the \
                          request to true.";
            return Err(Refusal::new("ParameterAlreadyExists", exists));
        }
        let version = self.put(name, text(request, "Value"), request["Type"] == "SecureString")?;
        Ok(json!({ "Version": version, "Tier": "Standard" }))
    }

    fn permit(&self, call: &Call<'_>, name: &str) -> Result<(), Refusal> {
        let action = format!("ssm:{}", call.operation);
        if call.policies.allow(call.principal, &action, &[name]) {
            return Ok(());
        }
        Err(Refusal::denied(call.principal, &action, &self.arn(name), ""))
    }

    fn view(&self, name: &str, parameter: &Parameter, request: &Value) -> Value {
        // Without decryption a secret is of no use, here as there.
        let sealed = parameter.secure && request["WithDecryption"] != true;
        let value = if sealed { BASE64_STANDARD.encode(&parameter.value) } else { parameter.value.clone() };
        let seconds = serde_json::Number::from(parameter.modified / 1000);
        json!({
            "Name": name,
            "Type": if parameter.secure { "SecureString" } else { "String" },
            "Value": value,
            "Version": parameter.version,
            "LastModifiedDate": seconds,
            "ARN": self.arn(name),
            "DataType": "text",
        })
    }
}

fn text<'a>(request: &'a Value, member: &str) -> &'a str {
    request[member].as_str().unwrap_or_default()
}
