//! What functions stand on here: stand-ins in this process, and the runtime API for each that is started.

use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_smithy_http_client::Builder;
use local::{Options, Whole, root};
use tempfile::TempDir;
use wire::{Clock, Fault};

use crate::process::{Process, program};
use crate::runtime::{Answer, Runtime};

/// The binary that does nothing.
pub const BARE: &str = "bare";

/// A local cloud whose functions are started as processes of their own.
pub struct Ground {
    /// The local cloud.
    pub whole: Whole,
    binaries: PathBuf,
    scratch: TempDir,
    handed_out: AtomicUsize,
}

/// A function that runs.
pub struct Running {
    /// Its process.
    pub process: Process,
    /// From the start of its process to its first poll.
    pub start: Duration,
    runtime: Runtime,
    limit: Duration,
    log: PathBuf,
}

impl Ground {
    /// A fresh one, for the binaries of a folder.
    pub async fn new(binaries: PathBuf) -> Result<Self, Fault> {
        let scratch = standins::scratch().map_err(Fault::bug)?;
        let whole = whole(scratch.path().join("data")).await?;
        Ok(Self { whole, binaries, scratch, handed_out: AtomicUsize::new(1) })
    }

    /// A number that was not handed out before.
    pub fn number(&self) -> usize {
        self.handed_out.fetch_add(1, Ordering::Relaxed)
    }

    /// Starts a function and waits until it asks for its first event.
    pub async fn start(&self, binary: &str) -> Result<Running, Fault> {
        let runtime = Runtime::open()?;
        let function = self.whole.template.function(binary);
        let variables = match function {
            Some(_) => self.whole.host(binary)?.env.iter().map(owned).collect(),
            None => vec![owned(("AWS_LAMBDA_FUNCTION_NAME", binary))],
        };
        let memory = function.map_or(128, |function| function.memory).to_string();
        let address = runtime.address();
        let platform = [
            ("AWS_LAMBDA_RUNTIME_API", address.as_str()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "bench"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
        ];
        let log = self.scratch.path().join(format!("{binary}.log"));
        let output = Stdio::from(File::create(&log).map_err(Fault::bug)?);
        let program = program(&self.binaries, binary)?;
        let started = Instant::now();
        let process =
            Process::start(&program, &[], variables.into_iter().chain(platform.map(owned)), output)?;
        let polled = runtime.first_poll().await.map_err(|fault| told(binary, &fault, &log))?;
        let limit = function.map_or(Duration::from_secs(3), |function| function.timeout);
        Ok(Running { process, start: polled.saturating_duration_since(started), runtime, limit, log })
    }
}

impl Running {
    /// Hands the function an event and waits for its answer.
    pub async fn invoke(&self, event: &str) -> Result<Answer, Fault> {
        self.runtime
            .invoke(event.to_owned(), self.limit)
            .await
            .map_err(|fault| told("the function", &fault, &self.log))
    }

    /// The last lines it logged.
    pub fn last_lines(&self) -> String {
        last_lines(&self.log)
    }
}

/// The local cloud on a folder, without anything that delivers by itself.
pub async fn whole(data: PathBuf) -> Result<Whole, Fault> {
    Whole::start(Options {
        root: root().ok_or_else(|| Fault::bug("there is no template.yaml here"))?,
        data,
        clock: Clock::system(),
        throttle: "off".to_owned(),
        base_url: "http://127.0.0.1:8000".to_owned(),
        http: Builder::new().build_http(),
        services: None,
    })
    .await
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn told(who: &str, fault: &Fault, log: &std::path::Path) -> Fault {
    Fault::bug(format!("{who}: {fault}\n{}", last_lines(log)))
}

fn last_lines(log: &std::path::Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(5)..].join("\n")
}
