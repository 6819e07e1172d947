//! How functions start and answer, beside one that does nothing.

use std::time::{Duration, Instant};

use wire::Fault;

use crate::alike;
use crate::arguments::Arguments;
use crate::examples::{self, Example};
use crate::figures::{Durations, Table, megabytes, ms, times};
use crate::ground::{BARE, Ground, Running};
use crate::machine;
use crate::runtime::Answer;

/// Headings of the table.
const HEADINGS: [&str; 11] = [
    "example",
    "start ms",
    "of bare",
    "first ms",
    "of warm",
    "warm p50 ms",
    "p99 ms",
    "of bare",
    "CPU ms",
    "memory MB",
    "peak MB",
];

/// What was seen of one example.
struct Seen {
    starts: Durations,
    /// The starts of the bare function in turns with these: what the machine does besides falls on both alike.
    bare_starts: Durations,
    firsts: Durations,
    warm: Durations,
    cpu: Duration,
    resident: u64,
    peak: u64,
}

/// Measures every example on processes of its own, and the bare function before them.
pub async fn run(arguments: &Arguments) -> Result<(), Fault> {
    let ground = Ground::new(arguments.binaries.clone()).await?;
    println!("{}", machine::here());
    println!("{} starts, then {} invocations of the last one\n", arguments.starts, arguments.invocations);
    let bare = Meter { ground: &ground, arguments, binary: BARE, example: None }.measure().await?;
    let mut table = Table::new(&HEADINGS);
    table.row(cells(BARE, &bare, &bare));
    let mut examples = examples::all()?;
    examples.retain(|example| example.name.starts_with(&arguments.only));
    for example in &examples {
        happen(&ground, example).await?;
    }
    for example in &examples {
        let meter = Meter { ground: &ground, arguments, binary: &example.binary, example: Some(example) };
        table.row(cells(&example.name, &meter.measure().await?, &bare));
    }
    println!("{table}");
    if "identity-http".starts_with(&arguments.only) { alike::run(&ground).await } else { Ok(()) }
}

/// Lets an example happen once, so that whoever others speak of is there.
async fn happen(ground: &Ground, example: &Example) -> Result<(), Fault> {
    let function = ground.whole.function(&example.binary);
    let function = function.ok_or_else(|| Fault::bug(format!("{} is for nobody", example.name)))?;
    function.invoke(example.event()).await.map(drop).map_err(Fault::bug)
}

fn cells(name: &str, seen: &Seen, bare: &Seen) -> [String; 11] {
    [
        name.to_owned(),
        ms(seen.starts.p50()),
        times(seen.starts.p50(), seen.bare_starts.p50()),
        ms(seen.firsts.p50()),
        times(seen.firsts.p50(), seen.warm.p50()),
        ms(seen.warm.p50()),
        ms(seen.warm.p99()),
        times(seen.warm.p50(), bare.warm.p50()),
        ms(seen.cpu),
        megabytes(seen.resident),
        megabytes(seen.peak),
    ]
}

/// What is measured, and how often.
struct Meter<'a> {
    ground: &'a Ground,
    arguments: &'a Arguments,
    binary: &'a str,
    example: Option<&'a Example>,
}

impl Meter<'_> {
    async fn measure(&self) -> Result<Seen, Fault> {
        let [mut starts, mut bare_starts, mut firsts] = <[Durations; 3]>::default();
        let mut last = None;
        for _ in 0..self.arguments.starts {
            drop(last.take());
            bare_starts.note(self.ground.start(BARE).await?.start);
            let running = self.ground.start(self.binary).await?;
            starts.note(running.start);
            firsts.note(self.invoke(&running).await?);
            last = Some(running);
        }
        let running = last.ok_or_else(|| Fault::bug("nothing was started"))?;
        let (mut warm, before) = (Durations::default(), running.process.cpu()?);
        for _ in 0..self.arguments.invocations {
            warm.note(self.invoke(&running).await?);
        }
        let invocations = u32::try_from(self.arguments.invocations).map_err(Fault::bug)?;
        let cpu = running.process.cpu()?.saturating_sub(before) / invocations;
        let (resident, peak) = (running.process.resident()?, running.process.peak()?);
        Ok(Seen { starts, bare_starts, firsts, warm, cpu, resident, peak })
    }

    async fn invoke(&self, running: &Running) -> Result<Duration, Fault> {
        let event = self.example.map_or_else(|| "{}".to_owned(), |example| self.event(example));
        let started = Instant::now();
        let answer = running.invoke(&event).await?;
        let took = started.elapsed();
        match (answer, self.example) {
            (Answer::Failed(text), _) => Err(Fault::bug(format!("{} failed: {text}", self.binary))),
            (answer, Some(example)) => example.expected.judge(&answer).map(|()| took).map_err(Fault::bug),
            (Answer::Done(_), None) => Ok(took),
        }
    }

    /// Who registers or is written to is somebody else each time; who logs in is always the same.
    fn event(&self, example: &Example) -> String {
        if example.name.ends_with("login") {
            example.event().to_owned()
        } else {
            example.fresh(self.ground.number())
        }
    }
}
