//! The world.

use std::path::Path;
use std::sync::Arc;

use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use local::{Extras, Options, Whole, root};
use platform::{Function, Host};
use serde_json::Value;
use standins::stripe::Stripe;
use table::{Item, Key, Query, Seal, Table};
use tempfile::TempDir;
use wire::{Clock, Stamp};

use crate::{Call, Cost, Faults, Shelf};

/// How a world differs from the usual.
pub struct Settings {
    /// The limits per hour.
    pub throttle: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { throttle: "off".to_owned() }
    }
}

/// The whole platform, with nobody and nothing in it.
///
/// Nothing is delivered by itself: [`World::settle`] delivers what was written, sent and paid. Time stands still until
/// it is moved.
pub struct World {
    /// The platform.
    pub whole: Arc<Whole>,
    /// Everybody's time.
    pub clock: Clock,
    /// The trouble of the functions' calls to the table.
    pub faults: Faults,
    /// A way to the table past every role and every fault, to look and to stage.
    pub table: Table,
    _data: Option<TempDir>,
}

impl World {
    /// A new world, at half past eight on 1 March 2026.
    pub async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    /// A new world of another kind.
    pub async fn with(settings: Settings) -> Self {
        Self::fresh(settings, Extras::default()).await
    }

    /// A new world with more in it than the template has.
    pub async fn beyond(extras: Extras) -> Self {
        Self::fresh(Settings::default(), extras).await
    }

    /// The world that was kept in a folder, such as the local cloud's.
    pub async fn open(folder: &Path, clock: Clock, settings: Settings) -> Self {
        Self::start(folder, clock, settings, Extras::default()).await
    }

    async fn fresh(settings: Settings, extras: Extras) -> Self {
        let data = standins::scratch().expect("a temporary folder");
        let start = Stamp::parse("2026-03-01T08:30:00Z").expect("a time");
        let world = Self::start(data.path(), Clock::manual(start), settings, extras).await;
        Self { _data: Some(data), ..world }
    }

    async fn start(folder: &Path, clock: Clock, settings: Settings, extras: Extras) -> Self {
        let faults = Faults::default();
        let options = Options {
            root: root().expect("the project's folder"),
            data: folder.to_path_buf(),
            clock: clock.clone(),
            throttle: settings.throttle,
            base_url: "https://shop.test".to_owned(),
            http: faults.over(Builder::new().build_http()),
            services: None,
        };
        let whole = Whole::start_with(options, extras).await.expect("the platform starts");
        let table = observer(&whole, Builder::new().build_http());
        faults.meter().take();
        Self { whole: Arc::new(whole), clock, faults, table, _data: None }
    }

    /// What an operator's tool stands on, past every role and every fault.
    pub fn console(&self) -> Host {
        console(&self.whole, Builder::new().build_http())
    }

    /// The same table, with the world's trouble beneath it.
    pub fn troubled_table(&self) -> Table {
        observer(&self.whole, self.faults.over(Builder::new().build_http()))
    }

    /// A function, booted once more with some of its variables changed.
    pub async fn boot(&self, binary: &str, changed: &[(&str, &str)]) -> Function {
        self.whole.boot(binary, changed).await.expect("the function boots")
    }

    /// A request.
    pub fn call(&self, method: &str, path: &str) -> Call {
        Call::new(self.whole.clone(), method, path)
    }

    /// A `GET`.
    pub fn get(&self, path: &str) -> Call {
        self.call("GET", path)
    }

    /// A `POST` with a JSON body.
    pub fn post(&self, path: &str, body: &Value) -> Call {
        self.call("POST", path).json(body)
    }

    /// Stripe's stand-in: who pays there, what was asked of it, and what goes wrong.
    pub fn stripe(&self) -> &Stripe {
        &self.whole.cloud.stripe
    }

    /// Delivers changes, messages and the events of payments until nothing is left.
    pub async fn settle(&self) {
        self.whole.drain().await.expect("everything is delivered");
    }

    /// The mail that an address got, the oldest first, as subject and text. Settles before it looks.
    pub async fn mail_to(&self, address: &str) -> Vec<(String, String)> {
        self.settle().await;
        let mails = self.whole.cloud.mail.to(address, 100).expect("the mailbox opens");
        mails.into_iter().rev().map(|mail| (mail.subject, mail.text.unwrap_or_default())).collect()
    }

    /// All mail that was sent so far, the oldest first, as address, subject and text.
    pub fn mails(&self) -> Vec<(String, String, String)> {
        let mails = self.whole.cloud.mail.list(usize::MAX >> 1).expect("the mailbox opens");
        let row =
            |mail: standins::ses::Mail| (mail.to.join(","), mail.subject, mail.text.unwrap_or_default());
        mails.into_iter().rev().map(row).collect()
    }

    /// What the table was used for since the last look.
    pub fn cost(&self) -> Cost {
        self.faults.meter().take()
    }

    /// An item, as it is stored.
    pub async fn item(&self, key: &Key) -> Option<Item> {
        self.table.item(key, true).await.expect("the table answers")
    }

    /// Everything that is stored.
    pub async fn shelf(&self) -> Shelf {
        Shelf::read(&self.whole.cloud.url(), self.whole.cloud.table.name()).await
    }

    /// The items of a partition, as they are stored.
    pub async fn partition(&self, pk: &str) -> Vec<Item> {
        self.table.query(Query::partition(pk).strong()).await.expect("the table answers").items
    }
}

/// What a person with a console has: a client that no policy knows, and so none holds.
fn console(whole: &Whole, http: SharedHttpClient) -> Host {
    let mine = [
        ("AWS_REGION", "eu-central-1".to_owned()),
        ("AWS_ENDPOINT_URL", whole.cloud.url()),
        ("AWS_ACCESS_KEY_ID", "observer".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ("MERCATO_TABLE", whole.cloud.table.name().to_owned()),
    ];
    Host { env: mine.into_iter().collect(), clock: whole.clock.clone(), http }
}

fn observer(whole: &Whole, http: SharedHttpClient) -> Table {
    let config = console(whole, http).sdk("DYNAMODB").expect("a configuration");
    Table::new(&config, whole.cloud.table.name(), Seal::new(&[0; 32]))
}
