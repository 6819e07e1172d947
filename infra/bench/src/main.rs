//! Checks and measures what is built for deployment.
#![expect(clippy::print_stdout, reason = "its tables are what it is run for")]

mod alike;
mod arguments;
mod check;
mod examples;
mod figures;
mod functions;
mod ground;
mod load;
mod machine;
mod process;
mod runtime;
mod sizes;

use std::process::ExitCode;

use arguments::{Arguments, Command};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(text) => {
            println!("{text}");
            return ExitCode::from(2);
        }
    };
    let done = match arguments.command {
        Command::Check => check::run(&arguments).await,
        Command::Sizes => sizes::run(&arguments),
        Command::Functions => functions::run(&arguments).await,
        Command::Load => load::run(&arguments).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            println!("\n{fault}");
            ExitCode::FAILURE
        }
    }
}
