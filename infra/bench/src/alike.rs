//! Whether the time of an answer tells who has an account here.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wire::Fault;

use crate::examples::{self, Expected};
use crate::figures::{Durations, Table, ms};
use crate::ground::{Ground, Running};

/// Headings of the table.
const HEADINGS: [&str; 5] = ["known or not", "samples", "known p50 ms", "unknown p50 ms", "known of unknown"];

/// How often somebody known is asked for, and how often somebody unknown.
const SAMPLES: usize = 200;

/// What anybody may ask about a name, and what is answered whoever has it.
struct Question {
    name: &'static str,
    path: &'static str,
    body: fn(&str) -> Value,
    status: u64,
}

const REGISTER: Question = Question {
    name: "register",
    path: "/api/auth/register/",
    body: |name| json!({ "username": name, "email": address(name), "password": "violet-harbour-42" }),
    status: 201,
};

const QUESTIONS: [Question; 2] = [
    Question {
        name: "login, wrong password",
        path: "/api/auth/login/",
        body: |name| json!({ "username": name, "password": "violet-harbour-43" }),
        status: 401,
    },
    Question {
        name: "password reset",
        path: "/api/auth/password-reset/",
        body: |name| json!({ "email": address(name) }),
        status: 202,
    },
];

fn address(name: &str) -> String {
    format!("{name}@shop.test")
}

/// Asks for known and unknown people in turns. Nobody delivers what they are sent: that would be for known ones alone,
/// and takes place elsewhere.
pub async fn run(ground: &Ground) -> Result<(), Fault> {
    let asker = Asker::new(ground).await?;
    let (known, stranger) = (|n| format!("known{n}"), |n| format!("nobody{n}"));
    for number in 0..SAMPLES {
        asker.ask(&REGISTER, &known(number)).await?;
    }
    let mut table = Table::new(&HEADINGS);
    for question in &QUESTIONS {
        let (mut of_known, mut of_strangers) = (Durations::default(), Durations::default());
        for number in 0..SAMPLES {
            // Whoever comes second may find something warm: each does as often.
            if number % 2 == 0 {
                of_known.note(asker.ask(question, &known(number)).await?);
                of_strangers.note(asker.ask(question, &stranger(number)).await?);
            } else {
                of_strangers.note(asker.ask(question, &stranger(number)).await?);
                of_known.note(asker.ask(question, &known(number)).await?);
            }
        }
        table.row([
            question.name.to_owned(),
            format!("2 x {SAMPLES}"),
            ms(of_known.p50()),
            ms(of_strangers.p50()),
            format!("{:.3}x", of_known.p50().as_secs_f64() / of_strangers.p50().as_secs_f64()),
        ]);
    }
    println!("{table}");
    Ok(())
}

/// Who asks: each time from another address, since those who fail often are slowed down by address.
struct Asker<'a> {
    ground: &'a Ground,
    function: Running,
    /// An event, to be given another path and body.
    event: Value,
}

impl<'a> Asker<'a> {
    async fn new(ground: &'a Ground) -> Result<Self, Fault> {
        let examples = examples::all()?;
        let login = examples.iter().find(|example| example.name == "identity-http-login");
        let login = login.ok_or_else(|| Fault::bug("there is no example of a login"))?;
        let event = serde_json::from_str(login.event()).map_err(Fault::bug)?;
        Ok(Self { ground, function: ground.start(&login.binary).await?, event })
    }

    async fn ask(&self, question: &Question, name: &str) -> Result<Duration, Fault> {
        let number = self.ground.number();
        let mut event = self.event.clone();
        event["rawPath"] = question.path.into();
        event["requestContext"]["http"]["path"] = question.path.into();
        event["requestContext"]["http"]["sourceIp"] =
            format!("198.18.{}.{}", number / 256 % 256, number % 256).into();
        event["body"] = (question.body)(name).to_string().into();
        let event = event.to_string();
        let started = Instant::now();
        let answer = self.function.invoke(&event).await?;
        let took = started.elapsed();
        Expected::Status(question.status).judge(&answer).map_err(Fault::bug)?;
        Ok(took)
    }
}
