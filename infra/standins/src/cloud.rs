//! The cloud as a whole: what it starts from, and starting it.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::runtime::{EnterGuard, Runtime};
use wire::Clock;

use crate::dynamo::{Table, TableSpec};
use crate::front::{self, Front};
use crate::ses::{MailRules, Mailbox};
use crate::sqs::{QueueSpec, Queues};
use crate::ssm::Parameters;
use crate::stripe::{Endpoint, Stripe};
use crate::{Error, Policies};

/// What a cloud starts from.
pub struct Options {
    /// The folder that keeps everything across restarts; one cloud at a time may use it.
    pub data: PathBuf,
    /// The table to create where it does not exist yet.
    pub table: TableSpec,
    /// The queues there are.
    pub queues: Vec<QueueSpec>,
    /// What mail is accepted.
    pub mail: MailRules,
    /// Who is told of payments.
    pub endpoints: Vec<Endpoint>,
    /// Who may do what.
    pub policies: Policies,
    /// The clock that everything asks.
    pub clock: Clock,
    /// The region that resource names carry.
    pub region: String,
    /// Where to listen; a free loopback port when there is none.
    pub listener: Option<TcpListener>,
}

impl Options {
    /// A cloud of that table alone: no queues, any mail, nobody to tell of payments, no policies, the machine's clock, a free port.
    pub fn new(data: impl Into<PathBuf>, table: TableSpec) -> Options {
        Options {
            data: data.into(),
            table,
            queues: Vec::new(),
            mail: MailRules::default(),
            endpoints: Vec::new(),
            policies: Policies::open(),
            clock: Clock::system(),
            region: "us-east-1".to_owned(),
            listener: None,
        }
    }
}

/// `DynamoDB`, SQS, SES, SSM and Stripe on one loopback port, and each of them at hand in the process.
///
/// It runs on threads of its own and stops when it is dropped. What it acknowledged is in its folder by then.
pub struct Cloud {
    /// The table and its changes.
    pub table: Table,
    /// The queues.
    pub queues: Queues,
    /// All mail that was sent.
    pub mail: Mailbox,
    /// The parameters.
    pub parameters: Parameters,
    /// The payments.
    pub stripe: Stripe,
    address: SocketAddr,
    _threads: Threads,
}

impl Cloud {
    /// Starts all services; they answer as soon as this returns.
    pub fn start(options: Options) -> Result<Cloud, Error> {
        let Options { data, table, queues, mail, endpoints, policies, clock, region, listener } = options;
        std::fs::create_dir_all(&data)?;
        let listener = listener.map_or_else(loopback, Ok)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let url = format!("http://{address}");

        let threads = Threads::start()?;
        // What follows takes its sockets and timers from the cloud's own runtime.
        let inside = threads.enter();
        let table = Table::open(&data, table, clock.clone(), &region)?;
        let queues = Queues::open(&data, queues, clock.clone(), &region, &url)?;
        let mail = Mailbox::open(&data, mail, clock.clone(), &region)?;
        let parameters = Parameters::open(&data, clock.clone(), &region)?;
        let stripe = Stripe::open(&data, endpoints, clock)?;
        let front = Front {
            table: table.clone(),
            queues: queues.clone(),
            mail: mail.clone(),
            parameters: parameters.clone(),
            stripe: stripe.router(),
            policies,
        };
        front::serve(listener, front)?;
        drop(inside);
        Ok(Cloud { table, queues, mail, parameters, stripe, address, _threads: threads })
    }

    /// Where all services of AWS answer: `http://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where Stripe answers.
    pub fn stripe_url(&self) -> String {
        format!("{}/stripe", self.url())
    }
}

/// The threads of a cloud. They may be dropped anywhere, within another runtime too.
struct Threads(Option<Runtime>);

impl Threads {
    fn start() -> std::io::Result<Threads> {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(THREADS).thread_name("standins").enable_all();
        Ok(Threads(Some(builder.build()?)))
    }

    fn enter(&self) -> EnterGuard<'_> {
        self.0.as_ref().expect("the runtime is taken by nobody but drop").enter()
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // A plain drop would wait for the threads, which is forbidden within another runtime.
            runtime.shutdown_background();
        }
    }
}

/// The engine works on the thread that calls it, so that another must be left for the rest.
const THREADS: usize = 2;

fn loopback() -> std::io::Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", 0))
}

/// A temporary folder, in memory where the machine offers that.
pub fn scratch() -> Result<TempDir, Error> {
    let shared_memory = Path::new("/dev/shm");
    let folder = tempfile::Builder::new().prefix("standins-").to_owned();
    if shared_memory.is_dir()
        && let Ok(folder) = folder.tempdir_in(shared_memory)
    {
        return Ok(folder);
    }
    Ok(folder.tempdir()?)
}
