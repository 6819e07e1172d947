//! The local cloud, in a process of its own whose time and memory can be told from ours.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use wire::Fault;

use crate::process::{Process, program};

/// A local cloud that runs.
pub struct Cloud {
    /// Its process.
    pub process: Process,
    /// Where the gateway is.
    pub url: String,
    /// Where the stand-ins are.
    pub services: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Cloud {
    /// Starts one on a folder and waits until it answers.
    pub fn start(binaries: &Path, data: &Path) -> Result<Self, Fault> {
        let data = data.to_str().ok_or_else(|| Fault::bug("the folder's path is not Unicode"))?;
        let arguments = ["--port", "0", "--data", data, "--no-demo", "--log", "json"];
        let mut process = Process::start(&program(binaries, "local")?, &arguments, [], Stdio::piped())?;
        let output =
            process.child().stdout.take().ok_or_else(|| Fault::bug("the local cloud says nothing"))?;
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let (told, hear) = mpsc::channel();
        let keep = requests.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if line.starts_with('{') {
                    if line.contains(r#""target":"request""#) {
                        keep.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                    }
                } else {
                    // After the greeting nobody listens, but a pipe that is not read would stop the cloud.
                    let _ = told.send(line);
                }
            }
        });
        let url = heard(&hear, "Mercato runs at ")?;
        let services = heard(&hear, "AWS services ")?;
        Ok(Self { process, url, services, requests })
    }

    /// The lines about requests since the last look.
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut *self.requests.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until what earlier requests left behind is done, for a while.
    pub async fn rest(&self) -> Result<(), Fault> {
        let patience = Instant::now() + Duration::from_mins(1);
        let mut before = self.process.cpu()?;
        while Instant::now() < patience {
            tokio::time::sleep(Duration::from_millis(300)).await;
            let now = self.process.cpu()?;
            if now.saturating_sub(before) <= Duration::from_millis(20) {
                break;
            }
            before = now;
        }
        self.requests();
        Ok(())
    }
}

/// The word after `what`, in the lines that greet us.
fn heard(lines: &mpsc::Receiver<String>, what: &str) -> Result<String, Fault> {
    let patience = Instant::now() + Duration::from_mins(1);
    loop {
        let line = lines.recv_timeout(patience.saturating_duration_since(Instant::now()));
        let line = line.map_err(|_| Fault::bug("the local cloud did not start"))?;
        if let Some((_, rest)) = line.split_once(what) {
            return Ok(rest.split_whitespace().next().unwrap_or_default().to_owned());
        }
    }
}
