//! The whole: the stand-ins as the template describes them, and every function on top.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use platform::{Env, Function, Host};
use standins::dynamo::TableSpec;
use standins::sqs::QueueSpec;
use standins::{Cloud, Policies, Statement};
use template::{Permission, Reference, Template};
use wire::{Clock, Fault};

use crate::{Extras, functions, secrets, stripe};

/// The name of the local table.
const TABLE: &str = "mercato-local";

/// Where the local parameters are.
const PARAMETERS: &str = "/mercato/local";

/// The region that local resources claim.
const REGION: &str = "eu-central-1";

/// What the local cloud starts from.
pub struct Options {
    /// The folder with `template.yaml`.
    pub root: PathBuf,
    /// The folder that keeps everything.
    pub data: PathBuf,
    /// Everybody's time.
    pub clock: Clock,
    /// The limits per hour, or `off`.
    pub throttle: String,
    /// The origin that links in mails begin with.
    pub base_url: String,
    /// The network beneath the functions' SDK.
    pub http: SharedHttpClient,
    /// Where the stand-ins listen; a free port when there is none.
    pub services: Option<TcpListener>,
}

/// The whole cloud in one process.
pub struct Whole {
    /// The stand-ins.
    pub cloud: Cloud,
    /// What is deployed.
    pub template: Template,
    /// Everybody's time.
    pub clock: Clock,
    options: Options,
    extras: Extras,
    functions: BTreeMap<String, Function>,
}

impl Whole {
    /// Starts the stand-ins, makes what secrets are missing and boots every function of the template.
    pub async fn start(options: Options) -> Result<Self, Fault> {
        Self::start_with(options, Extras::default()).await
    }

    /// The same with more than the template has.
    pub async fn start_with(options: Options, extras: Extras) -> Result<Self, Fault> {
        let publishable = stripe::publishable_key();
        let parameters = [
            ("Stage", "local"),
            ("BaseUrl", options.base_url.as_str()),
            ("CorsOrigins", "*"),
            ("Throttle", options.throttle.as_str()),
            ("MailDomain", "mercato.test"),
            ("MailFrom", "mercato@mercato.test"),
            ("PrepaidFrontendUrl", "http://localhost:3000"),
            ("PrepaidStaffEmail", "refunds@mercato.test"),
            ("StripePublishableKey", publishable.as_str()),
        ];
        let template = Template::read_with(&options.root, &parameters).map_err(Fault::bug)?;
        let cloud = Cloud::start(standins::Options {
            data: options.data.clone(),
            table: TableSpec { create: template.table().create(TABLE), ttl: template.table().ttl.clone() },
            queues: queues(&template).chain(extras.queues()).collect(),
            mail: extras.mail.clone(),
            endpoints: stripe::endpoints(),
            policies: policies(&template),
            clock: options.clock.clone(),
            region: REGION.to_owned(),
            listener: options
                .services
                .as_ref()
                .map(TcpListener::try_clone)
                .transpose()
                .map_err(Fault::bug)?,
        })
        .map_err(Fault::bug)?;
        secrets::provide(&cloud.parameters, PARAMETERS)?;
        let clock = options.clock.clone();
        let mut whole = Self { cloud, template, clock, options, extras, functions: BTreeMap::new() };
        let binaries = whole.template.functions().iter().map(|function| function.binary.clone());
        let booting =
            binaries.map(async |binary| Ok::<_, Fault>((binary.clone(), whole.boot(&binary, &[]).await?)));
        whole.functions = futures_util::future::try_join_all(booting).await?.into_iter().collect();
        Ok(whole)
    }

    /// Boots a function once more, with some of its variables changed.
    pub async fn boot(&self, binary: &str, changed: &[(&str, &str)]) -> Result<Function, Fault> {
        let host = self.host(binary)?;
        let env = host.env.iter().chain(changed.iter().copied()).collect();
        functions::boot(binary, Host { env, ..host }).await
    }

    /// What a function stands on here: its own name for credentials, so that the stand-ins hold it to its role.
    pub fn host(&self, binary: &str) -> Result<Host, Fault> {
        let function = self.template.function(binary);
        let function = function.ok_or_else(|| Fault::bug(format!("the template has no binary {binary}")))?;
        let local = [
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ENDPOINT_URL", self.cloud.url()),
            ("AWS_ACCESS_KEY_ID", binary.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
            ("AWS_LAMBDA_FUNCTION_NAME", binary.to_owned()),
        ];
        let mut variables = function.variables(|reference| self.answer(reference));
        self.extras.tell(&mut variables, &self.cloud.queues);
        let local = local.into_iter().chain(self.way_to_stripe());
        let variables = variables.into_iter().chain(local.map(|(name, value)| (name.to_owned(), value)));
        // Any service can be pointed elsewhere: at DynamoDB Local, at LocalStack, at AWS itself.
        let elsewhere = std::env::vars().filter(|(name, _)| name.starts_with("AWS_ENDPOINT_URL_"));
        let env: Env = variables.chain(elsewhere).collect();
        Ok(Host { env, clock: self.clock.clone(), http: self.options.http.clone() })
    }

    /// A booted function.
    pub fn function(&self, binary: &str) -> Option<&Function> {
        self.functions.get(binary)
    }

    /// What a resource is called here.
    fn answer(&self, reference: &Reference) -> String {
        if reference.resource == self.template.table().id {
            return TABLE.to_owned();
        }
        match self.template.queue(&reference.resource) {
            Some(queue) => self.cloud.queues.url(&queue.name.resolve(|_| String::new())),
            None => "local".to_owned(),
        }
    }
}

/// The folder of the project, wherever the process was started below it.
pub fn root() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let candidates = here.ancestors().map(Path::to_path_buf).chain(built.map(Path::to_path_buf));
    candidates.into_iter().find(|folder| folder.join("template.yaml").is_file())
}

fn queues(template: &Template) -> impl Iterator<Item = QueueSpec> {
    let name = move |id: &str| template.queue(id).map(|queue| queue.name.resolve(|_| String::new()));
    let spec = move |queue: &template::Queue| QueueSpec {
        name: queue.name.resolve(|_| String::new()),
        visibility: Duration::from_secs(queue.visibility),
        dead_letter: queue
            .dead_letters
            .as_deref()
            .and_then(name)
            .zip(queue.maximum_receives.and_then(|receives| u32::try_from(receives).ok())),
    };
    template.queues().iter().map(spec)
}

/// Holds every function to the role that the template gives it.
fn policies(template: &Template) -> Policies {
    let statement = |permission: &Permission| {
        let resources = permission.leading_keys.iter().cloned().chain(permission.parameters());
        Statement::allow(permission.actions.clone(), resources)
    };
    template.functions().iter().fold(Policies::open(), |policies, function| {
        policies.hold(&function.binary, function.permissions.iter().map(statement))
    })
}
