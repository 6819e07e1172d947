//! SSM: the parameter store, in a small file.

mod protocol;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use wire::Clock;

use crate::store::{self, lock};
use crate::{ACCOUNT, Error};

/// One version of a parameter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Parameter {
    /// In clear, also where it is secret.
    pub value: String,
    /// A `SecureString` rather than a `String`: callers who do not ask for decryption cannot read it.
    pub secure: bool,
    /// Counts from 1.
    pub version: u32,
    /// Milliseconds since the epoch.
    pub modified: i64,
}

/// All parameters of a cloud by name.
#[derive(Clone)]
pub struct Parameters(Arc<Inner>);

struct Inner {
    parameters: Mutex<BTreeMap<String, Parameter>>,
    file: PathBuf,
    clock: Clock,
    region: String,
}

impl Parameters {
    pub(crate) fn open(data: &Path, clock: Clock, region: &str) -> Result<Parameters, Error> {
        let file = data.join("parameters.json");
        let parameters =
            if file.exists() { serde_json::from_slice(&std::fs::read(&file)?)? } else { BTreeMap::new() };
        let parameters = Mutex::new(parameters);
        Ok(Parameters(Arc::new(Inner { parameters, file, clock, region: region.to_owned() })))
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<String> {
        lock(&self.0.parameters).get(name).map(|parameter| parameter.value.clone())
    }

    /// Sets a parameter, as a `SecureString` where it is secret, and says which version that made.
    pub fn put(&self, name: &str, value: &str, secure: bool) -> Result<u32, Error> {
        let mut parameters = lock(&self.0.parameters);
        let version = parameters.get(name).map_or(1, |parameter| parameter.version + 1);
        let modified = self.0.clock.now().micros() / 1000;
        parameters.insert(name.to_owned(), Parameter { value: value.to_owned(), secure, version, modified });
        store::replace(&self.0.file, &serde_json::to_vec_pretty(&*parameters)?)?;
        Ok(version)
    }

    fn arn(&self, name: &str) -> String {
        format!("arn:aws:ssm:{}:{ACCOUNT}:parameter/{}", self.0.region, name.trim_start_matches('/'))
    }
}
