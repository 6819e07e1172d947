//! The real binary, on a free port.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

/// A local cloud that runs.
pub struct Process {
    child: Child,
    address: SocketAddr,
}

impl Process {
    /// Starts it on a folder and waits until it serves.
    pub fn start(data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_local"))
            .args(["--port", "0", "--no-demo", "--data"])
            .arg(data)
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let greeting = lines.by_ref().map(Result::unwrap).find_map(|line| {
            let (_, rest) = line.split_once("runs at http://")?;
            rest.split_whitespace().next().map(str::to_owned)
        });
        let address = greeting.expect("it greets whoever started it").parse().unwrap();
        // Somebody has to read on, or a full pipe would stop it.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| eprintln!("local: {line}")));
        Self { child, address }
    }

    /// Where it answers.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Kills it at once, as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Sends a body as JSON; `None` when no answer came back, so that nobody knows what happened.
pub fn post(address: SocketAddr, path: &str, key: &str, body: &Value) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    let body = body.to_string();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         idempotency-key: {key}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    // An answer that was cut off is none.
    Some((status, serde_json::from_str(body).ok()?))
}
