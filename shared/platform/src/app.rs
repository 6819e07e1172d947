//! What every HTTP function holds.

use std::future::Future;

use access::{Gate, Keyring, Limits};
use axum::Router;
use table::{Seal, Table};
use tokio::task::spawn_blocking;
use wire::{Clock, Fault};

use crate::{Host, Parameters, Stage, Values};

/// Whom to believe: the public keys.
const JWKS: &str = "shared/jwks";

/// What closes the cursors that clients hold.
const CURSOR_KEY: &str = "shared/cursor-key";

/// The turns that a request on a new connection takes until it is sent, and one to spare.
const TURNS: u32 = 4;

/// The shared parts of an HTTP function, opened while it starts.
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
        Ok(Self::open_with(host, &[]).await?.0)
    }

    /// The same for a function that has parameters of its own, which come by the same call.
    pub async fn open_with(host: &Host, own: &[&str]) -> Result<(Self, Values), Fault> {
        let stage = host.env.stage()?;
        let limits = host.env.require("MERCATO_THROTTLE")?;
        if limits == "off" && stage != Stage::Local {
            return Err(Fault::bug("limits can only be off locally"));
        }
        let limits =
            Limits::parse(limits).ok_or_else(|| Fault::bug("MERCATO_THROTTLE reads like 100,1000"))?;
        // The SDK's client takes as long to make as the question for secrets takes to ask: each has a core.
        let making = host.clone();
        let table = spawn_blocking(move || making.table_without_seal());
        let parameters = Parameters::open(host)?;
        let names = [&[JWKS, CURSOR_KEY], own].concat();
        let secrets = async {
            let values = parameters.read_all(&names).await?;
            // First the table is asked; while it answers, there is time to read what was told.
            on_its_way().await;
            let seal = values.secret(CURSOR_KEY, 32)?.try_into();
            let seal = seal.map_err(|_| Fault::bug(format!("{CURSOR_KEY} is not 32 bytes")))?;
            let keys = parameters.clone();
            let load = move || {
                let keys = keys.clone();
                async move { keys.read(JWKS).await }
            };
            let keyring = Keyring::new(stage.as_str(), host.clock.clone(), values.text(JWKS)?, load)?;
            Ok((values, Seal::new(&seal), keyring))
        };
        let table = async {
            on_its_way().await;
            let table = table.await.map_err(Fault::bug)??;
            table.connect().await?;
            Ok(table)
        };
        let ((values, seal, keyring), table) = tokio::try_join!(secrets, table)?;
        let table = table.sealed(seal);
        let app = Self {
            gate: Gate::new(keyring, table.clone(), host.clock.clone(), limits),
            table,
            clock: host.clock.clone(),
            stage,
            parameters,
            base_url: host.env.require("MERCATO_BASE_URL")?.trim_end_matches('/').to_owned(),
            origins: host.origins(),
        };
        Ok((app, values))
    }

    /// The keys that tokens are checked with.
    pub fn keyring(&self) -> &Keyring {
        self.gate.keyring()
    }
}

/// Opens what requests will need, and builds their router while the answers are on their way.
pub async fn beside<T, S>(
    open: impl Future<Output = Result<T, Fault>>,
    router: impl FnOnce() -> Router<S>,
) -> Result<(T, Router<S>), Fault> {
    tokio::try_join!(open, async {
        on_its_way().await;
        on_its_way().await;
        Ok(router())
    })
}

/// Lets what was begun before get on its way, so that making the next thing fills the wait for its answer: a request is
/// sent some turns after it was made, when its connection is there.
async fn on_its_way() {
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
}
