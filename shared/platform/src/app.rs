//! What every HTTP function holds.

use access::{Gate, Keyring, Limits};
use table::{Seal, Table};
use wire::{Clock, Fault};

use crate::{Host, Parameters, Stage};

/// The shared parts of an HTTP function, opened while it starts.
#[derive(Clone)]
pub struct App {
    /// The table.
    pub table: Table,
    /// The time.
    pub clock: Clock,
    /// The stage.
    pub stage: Stage,
    /// The keys and secrets of the stage.
    pub parameters: Parameters,
    /// The origin that links in mails begin with.
    pub base_url: String,
    pub(crate) gate: Gate,
    pub(crate) origins: Vec<String>,
}

impl App {
    /// Reads the configuration, loads the keys and opens the connection to the table.
    pub async fn open(host: &Host) -> Result<Self, Fault> {
        Self::open_beside(host, Parameters::open(host)?).await
    }

    /// The same for a function that reads parameters of its own at the same time.
    pub async fn open_beside(host: &Host, parameters: Parameters) -> Result<Self, Fault> {
        let stage = host.env.stage()?;
        let limits = host.env.require("MERCATO_THROTTLE")?;
        if limits == "off" && stage != Stage::Local {
            return Err(Fault::bug("limits can only be off locally"));
        }
        let limits =
            Limits::parse(limits).ok_or_else(|| Fault::bug("MERCATO_THROTTLE reads like 100,1000"))?;
        let keys = parameters.clone();
        let load = move || {
            let keys = keys.clone();
            async move { keys.read("shared/jwks").await }
        };
        // Side by side: each is a connection to open, and the start waits for the slowest.
        let table = host.table_without_seal()?;
        let (seal, keyring, ()) = tokio::try_join!(
            parameters.secret("shared/cursor-key", 32),
            Keyring::open(stage.as_str(), host.clock.clone(), load),
            table.connect()
        )?;
        let seal = seal.try_into().map_err(|_| Fault::bug("shared/cursor-key is not 32 bytes"))?;
        let table = table.sealed(Seal::new(&seal));
        Ok(Self {
            gate: Gate::new(keyring, table.clone(), host.clock.clone(), limits),
            table,
            clock: host.clock.clone(),
            stage,
            parameters,
            base_url: host.env.require("MERCATO_BASE_URL")?.trim_end_matches('/').to_owned(),
            origins: host.origins(),
        })
    }

    /// The keys that tokens are checked with.
    pub fn keyring(&self) -> &Keyring {
        self.gate.keyring()
    }
}
