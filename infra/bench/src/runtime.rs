//! The Lambda runtime API, as one process of a function sees it.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;
use wire::{Clock, Fault};

/// What a function made of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It answered.
    Done(String),
    /// It gave up.
    Failed(String),
}

/// What a function did first.
#[derive(Clone, Debug)]
enum First {
    Nothing,
    Polled(Instant),
    Failed(String),
}

/// The runtime API for one process.
pub struct Runtime {
    address: SocketAddr,
    desk: Arc<Desk>,
    events: mpsc::UnboundedSender<(String, String, Duration)>,
    first: watch::Receiver<First>,
    server: JoinHandle<()>,
}

/// What the process asks for and brings back.
struct Desk {
    first: watch::Sender<First>,
    events: tokio::sync::Mutex<mpsc::UnboundedReceiver<(String, String, Duration)>>,
    waiting: Mutex<HashMap<String, oneshot::Sender<Answer>>>,
}

impl Desk {
    fn waiting(&self) -> MutexGuard<'_, HashMap<String, oneshot::Sender<Answer>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hand_over(&self, id: &str, answer: Answer) -> StatusCode {
        match self.waiting().remove(id) {
            Some(waiting) => {
                // Who no longer waits gave up on it.
                let _ = waiting.send(answer);
                StatusCode::ACCEPTED
            }
            None => StatusCode::BAD_REQUEST,
        }
    }
}

impl Runtime {
    /// Opens the API on a port of its own.
    pub fn open() -> Result<Self, Fault> {
        let (events, queue) = mpsc::unbounded_channel();
        let (told, first) = watch::channel(First::Nothing);
        let desk = Arc::new(Desk { first: told, events: queue.into(), waiting: Mutex::default() });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .layer(axum::extract::DefaultBodyLimit::max(LARGEST))
            .with_state(desk.clone());
        let listener = listen().map_err(Fault::bug)?;
        let address = listener.local_addr().map_err(Fault::bug)?;
        let server = tokio::spawn(async move {
            // Ends with the process that it serves.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, desk, events, first, server })
    }

    /// What `AWS_LAMBDA_RUNTIME_API` is to be.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Waits for the process to ask for its first event, and tells when it did.
    pub async fn first_poll(&self) -> Result<Instant, Fault> {
        let mut first = self.first.clone();
        let done = first.wait_for(|first| !matches!(first, First::Nothing));
        let done = tokio::time::timeout(PATIENCE, done).await;
        let done = done.map_err(|_| Fault::bug("the function did not start"))?.map_err(Fault::bug)?;
        match &*done {
            First::Polled(at) => Ok(*at),
            First::Failed(text) => Err(Fault::bug(format!("the function could not start: {text}"))),
            First::Nothing => Err(Fault::bug("the function did not start")),
        }
    }

    /// Hands out an event and waits for the answer, for as long as the function may take.
    pub async fn invoke(&self, event: String, limit: Duration) -> Result<Answer, Fault> {
        let id = Uuid::new_v4().to_string();
        let (answer, answered) = oneshot::channel();
        self.desk.waiting().insert(id.clone(), answer);
        self.events.send((id, event, limit)).map_err(|_| Fault::bug("the runtime API is closed"))?;
        let answer = tokio::time::timeout(limit, answered).await;
        answer.map_err(|_| Fault::bug("the function timed out"))?.map_err(Fault::bug)
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// How long a function may take to start, as on the platform.
const PATIENCE: Duration = Duration::from_secs(10);

/// The platform's own limit of an answer.
const LARGEST: usize = 6 * 1024 * 1024;

fn listen() -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    // Accepted connections inherit it; else answers wait for acknowledgements that are late by design.
    socket.set_nodelay(true)?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    socket.listen(16)
}

async fn next(State(desk): State<Arc<Desk>>) -> Response {
    desk.first.send_if_modified(|first| {
        let is_first = matches!(first, First::Nothing);
        if is_first {
            *first = First::Polled(Instant::now());
        }
        is_first
    });
    let Some((id, event, limit)) = desk.events.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let deadline = Clock::system().now() + limit;
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", id),
        ("lambda-runtime-deadline-ms", (deadline.micros() / 1000).to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-central-1:000000000000:function:bench".to_owned(),
        ),
        ("lambda-runtime-trace-id", "Root=1-00000000-000000000000000000000000;Sampled=0".to_owned()),
    ];
    (headers, event).into_response()
}

async fn response(State(desk): State<Arc<Desk>>, Path(id): Path<String>, body: String) -> StatusCode {
    desk.hand_over(&id, Answer::Done(body))
}

async fn error(State(desk): State<Arc<Desk>>, Path(id): Path<String>, body: String) -> StatusCode {
    desk.hand_over(&id, Answer::Failed(body))
}

async fn init_error(State(desk): State<Arc<Desk>>, body: String) -> StatusCode {
    desk.first.send_replace(First::Failed(body));
    StatusCode::ACCEPTED
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    /// Sends a request as it stands here, on a connection of its own, and reads all of the answer.
    async fn send(runtime: &Runtime, request: &str) -> String {
        let mut stream = TcpStream::connect(runtime.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    /// A function that takes one event and sends `posted` below its id.
    async fn function(runtime: &Runtime, posted: &str) -> String {
        let next = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        let event = send(runtime, next).await;
        let id = event.lines().find_map(|line| line.strip_prefix("lambda-runtime-aws-request-id: ")).unwrap();
        let head = format!("POST /2018-06-01/runtime/invocation/{id}");
        send(runtime, &format!("{head}/{posted}")).await;
        event
    }

    #[tokio::test]
    async fn bodies_may_be_plain_or_chunked() {
        let runtime = Runtime::open().unwrap();
        let bodies = [
            ("response HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 4\r\n\r\ndone", "done"),
            (
                "response HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n\
                 3\r\nall\r\n5\r\n done\r\n0\r\n\r\n",
                "all done",
            ),
        ];
        for (posted, expected) in bodies {
            let invoked = runtime.invoke("{\"n\":1}".to_owned(), Duration::from_secs(5));
            let (answer, event) = tokio::join!(invoked, function(&runtime, posted));
            assert_eq!(answer.unwrap(), Answer::Done(expected.to_owned()));
            assert!(
                event.ends_with("{\"n\":1}") && event.contains("lambda-runtime-deadline-ms: "),
                "{event}"
            );
        }
        assert!(runtime.first_poll().await.is_ok());
    }

    #[tokio::test]
    async fn failures_are_told_apart() {
        let runtime = Runtime::open().unwrap();
        let posted = "error HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
        let invoked = runtime.invoke("{}".to_owned(), Duration::from_secs(5));
        let (answer, _) = tokio::join!(invoked, function(&runtime, posted));
        assert_eq!(answer.unwrap(), Answer::Failed("{}".to_owned()));

        let broken = Runtime::open().unwrap();
        let head = "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
        send(&broken, &format!("{head}content-length: 4\r\n\r\nlost")).await;
        assert!(broken.first_poll().await.unwrap_err().to_string().contains("lost"));
        assert!(broken.invoke("{}".to_owned(), Duration::from_millis(10)).await.is_err());
    }
}
