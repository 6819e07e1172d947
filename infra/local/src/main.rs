//! `cargo run`: the whole platform on this machine.
#![expect(clippy::print_stdout, reason = "it talks to the person who started it")]

use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use aws_smithy_http_client::Builder;
use local::settings::{HELP, Settings};
use local::{Options, Whole, deliver, demo, gateway, root};
use wire::{Clock, Fault};

#[tokio::main]
async fn main() -> ExitCode {
    let settings = match Settings::read(std::env::args().skip(1)) {
        Ok(Some(settings)) => settings,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(text) => {
            println!("{text}");
            return ExitCode::from(2);
        }
    };
    log(settings.json);
    match run(settings).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            println!("The local cloud could not run: {fault}");
            ExitCode::FAILURE
        }
    }
}

async fn run(settings: Settings) -> Result<(), Fault> {
    let started = Instant::now();
    let listener = TcpListener::bind(("127.0.0.1", settings.port))
        .map_err(|error| Fault::bug(format!("port {} is not free: {error}", settings.port)))?;
    let url = format!("http://{}", listener.local_addr().map_err(Fault::bug)?);
    let scratch = standins::scratch().map_err(Fault::bug)?;
    let data = settings.data.clone().unwrap_or_else(|| scratch.path().to_path_buf());
    let whole = Arc::new(
        Whole::start(Options {
            root: root().ok_or_else(|| Fault::bug("there is no template.yaml here"))?,
            data: data.clone(),
            clock: Clock::system(),
            throttle: settings.throttle.clone(),
            base_url: url.clone(),
            http: Builder::new().build_http(),
            services: None,
        })
        .await?,
    );
    if settings.demo {
        demo::seed(&whole).await?;
    }
    deliver::start(&whole);
    greet(&settings, &url, &whole, started);
    serve(listener, whole.clone()).await
}

async fn serve(listener: TcpListener, whole: Arc<Whole>) -> Result<(), Fault> {
    listener.set_nonblocking(true).map_err(Fault::bug)?;
    let listener = tokio::net::TcpListener::from_std(listener).map_err(Fault::bug)?;
    let service = gateway::router(&whole).into_make_service_with_connect_info::<SocketAddr>();
    let stop = async {
        // Without a handler the process ends at once, which loses nothing either.
        let _ = tokio::signal::ctrl_c().await;
        println!("\nStopping: open requests are answered, what was written is delivered.");
    };
    axum::serve(listener, service).with_graceful_shutdown(stop).await.map_err(Fault::bug)?;
    whole.drain().await
}

fn greet(settings: &Settings, url: &str, whole: &Whole, started: Instant) {
    let kept = match &settings.data {
        Some(folder) => folder.display().to_string(),
        None => "nowhere: it is gone when this stops".to_owned(),
    };
    println!("\n  Mercato runs at {url} ({} ms)\n", started.elapsed().as_millis());
    println!("  API documents  {url}/api/docs/");
    println!("  Mailbox        {url}/mailbox");
    if local::stripe::stands_in() {
        println!("  Payments       {url}{}/", local::stripe::MOUNT);
    }
    println!("  AWS services   {}  (DynamoDB, SQS, SES, SSM)", whole.cloud.url());
    println!("  Data           {kept}");
    println!("  Limits         {}", settings.throttle);
    if settings.demo {
        for (number, (who, person)) in demo::PEOPLE.iter().enumerate() {
            let heading = if number == 0 { "Sign in as" } else { "" };
            println!("  {heading:<14} {} / {}  ({who})", person.username, person.password);
        }
    }
    println!("\n  Stop with Ctrl-C.\n");
}

fn log(json: bool) {
    // The table warns of each condition that does not hold, which is how it is asked.
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,dynoxide=error"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter);
    if json {
        lines.json().flatten_event(true).init();
    } else {
        lines.compact().init();
    }
}
