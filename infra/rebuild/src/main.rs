//! `cargo run -p rebuild`: figures and words as the rows have them.
#![expect(clippy::print_stdout, reason = "it talks to the person who started it")]

use std::process::ExitCode;

use platform::Host;
use rebuild::Rebuild;
use rebuild::arguments::{Arguments, Task};
use wire::Fault;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(text) => {
            println!("{text}");
            return ExitCode::from(2);
        }
    };
    match run(arguments).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            println!("{fault}");
            ExitCode::FAILURE
        }
    }
}

/// Does what is asked for and tells whether all is right in the end.
async fn run(arguments: Arguments) -> Result<bool, Fault> {
    let rebuild = Rebuild::open(&Host::lambda(), arguments.pause)?;
    if arguments.task == Task::Search {
        println!("the words of {} rows are there", rebuild.restore_words().await?);
        return Ok(true);
    }
    let mut report = rebuild.check().await?;
    print!("{report}");
    if arguments.task == Task::Repair && !report.is_right() {
        rebuild.repair(&report).await?;
        report = rebuild.check().await?;
        print!("\nafter the repair:\n{report}");
    }
    Ok(report.is_right())
}
