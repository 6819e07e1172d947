//! Guessing is slowed: who names unknown codes too often is not told about any code for a while.

use std::time::Duration;

use table::{Condition, Denied, Item, Key, Table, Update};
use wire::{Fault, Problem, Reply, Stamp};

use super::store::{guesses_of_account, guesses_of_address};

/// How long guesses are remembered, from the first of them on.
const WINDOW: Duration = Duration::from_mins(10);

/// How many unknown codes an account may name meanwhile.
const OF_ACCOUNT: u64 = 20;

/// How many may come from one address, behind which there may be many accounts.
const OF_ADDRESS: u64 = 1_000;

/// The guesses of one caller.
pub struct Guesses<'t> {
    table: &'t Table,
    limits: [(Key, u64); 2],
    now: Stamp,
}

impl<'t> Guesses<'t> {
    /// Those of an account, and of the address that it calls from.
    pub fn of(table: &'t Table, account: u64, address: &str, now: Stamp) -> Self {
        let limits = [(guesses_of_account(account), OF_ACCOUNT), (guesses_of_address(address), OF_ADDRESS)];
        Self { table, limits, now }
    }

    /// Refuses who guessed too often. The right code is no way out: else the refusals would tell it.
    pub async fn admit(&self) -> Result<Option<Problem>, Fault> {
        let keys = self.limits.each_ref().map(|(key, _)| key.clone());
        let rows = self.table.items(&keys, false).await?;
        let over = rows.iter().zip(&self.limits).filter_map(|(row, (_, most))| {
            let window = Window::read(row.as_ref()?)?;
            (window.until > self.now.seconds() && window.count >= *most).then_some(window)
        });
        Ok(over.map(|window| window.wait(self.now)).next())
    }

    /// Counts an unknown code, and refuses to say so when there were too many.
    pub async fn note(&self) -> Reply<()> {
        let [(account, of_account), (address, of_address)] = &self.limits;
        let (account, address) = tokio::try_join!(self.count(account), self.count(address))?;
        for (window, most) in [(account, of_account), (address, of_address)] {
            // Told once a window, by the guess that closes it: those behind it are turned away without a count.
            if window.count == *most {
                tracing::info!(target: "security", event = "code_guessing");
            }
            if window.count > *most {
                return Err(window.wait(self.now));
            }
        }
        Ok(())
    }

    async fn count(&self, key: &Key) -> Result<Window, Fault> {
        let until = self.now + WINDOW;
        // Twice: another request may open the window in between.
        for _ in 0..2 {
            let open = Condition::exists().more("until", self.now.seconds());
            let over = Condition::absent().or(Condition::exists().at_most("until", self.now.seconds()));
            let more = Update::when(key.clone(), open).add("count", 1);
            let first = Update::when(key.clone(), over).of_kind("guesses").set("count", 1);
            let first = first.set("until", until.seconds()).set("ttl", (until + WINDOW).seconds());
            for update in [more, first] {
                match self.table.apply(update, ()).await {
                    Ok(row) => return Window::read(&row).ok_or_else(|| Fault::bug("guesses do not read")),
                    Err(Denied::Fault(fault)) => return Err(fault),
                    Err(_) => {}
                }
            }
        }
        Err(Fault::busy("a counter kept changing its window"))
    }
}

struct Window {
    count: u64,
    until: i64,
}

impl Window {
    fn read(row: &Item) -> Option<Self> {
        let number = |name: &str| row.get(name)?.as_n().ok()?.parse::<i64>().ok();
        Some(Self { count: number("count")?.try_into().ok()?, until: number("until")? })
    }

    /// The refusal until the window ends.
    fn wait(&self, now: Stamp) -> Problem {
        Problem::throttled((self.until - now.seconds()).max(1).unsigned_abs())
    }
}
