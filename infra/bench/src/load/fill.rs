//! A store with accounts in it.

use std::path::Path;
use std::time::{Duration, Instant};

use http::Request;
use http::header::{CONTENT_TYPE, HOST};
use identity::account::rules::{Wish, register};
use identity::account::{Account, store as accounts};
use identity::demo;
use identity::session::{Sessions, store};
use local::Whole;
use table::{Seal, Table, Tx};
use wire::{Fault, Stamp};

use super::operations;
use crate::ground;

/// Everybody's password.
pub const PASSWORD: &str = "violet-harbour-42";

/// As many accounts as one transaction takes: each has four rows, and all share two of figures.
const AT_ONCE: usize = 24;

/// The user name of an account.
pub fn username(number: usize) -> String {
    format!("member{number}")
}

/// Makes a store with an administrator and so many accounts, and tells how long it took.
///
/// They are written past the functions, since hashing each password would take the time; and their changes are
/// not projected.
pub async fn fill(data: &Path, count: usize) -> Result<Duration, Fault> {
    let started = Instant::now();
    let whole = ground::whole(data.to_path_buf()).await?;
    demo::seed(&whole.host("identity-http")?, &[demo::ADMIN]).await?;
    let table = observer(&whole.cloud.url(), whole.cloud.table.name())?;
    let hash = hash(&whole, &table).await?;
    let now = whole.clock.now();
    let all: Vec<usize> = (0..count).collect();
    for numbers in all.chunks(AT_ONCE) {
        let tx = numbers.iter().map(|number| account(*number, now)).fold(Tx::new(), |tx, account| {
            tx.and(accounts::create(&account, &hash, &Sessions::none(account.id())))
        });
        table.commit(tx).await.map_err(|denied| Fault::bug(format!("an account was denied: {denied:?}")))?;
        forget_changes(&whole)?;
    }
    forget_changes(&whole)?;
    Ok(started.elapsed())
}

/// A way to the table past every role.
pub fn observer(services: &str, name: &str) -> Result<Table, Fault> {
    let env = [
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ENDPOINT_URL", services),
        ("AWS_ACCESS_KEY_ID", "bench"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ];
    let http = aws_smithy_http_client::Builder::new().build_http();
    let host = platform::Host { env: env.into(), clock: wire::Clock::system(), http };
    Ok(Table::new(&host.sdk("DYNAMODB")?, name, Seal::new(&[0; 32])))
}

/// What identity makes of the password, by having somebody register with it.
async fn hash(whole: &Whole, table: &Table) -> Result<String, Fault> {
    let body = operations::newcomer("first").to_string();
    let request = Request::post("/api/auth/register/")
        .header(HOST, "mercato.test")
        .header(CONTENT_TYPE, "application/json");
    let answer = whole.request(request.body(body.into_bytes()).map_err(Fault::bug)?, "127.0.0.1").await;
    let credential = store::newest_credential(table, "first").await?;
    let credential = credential.ok_or_else(|| Fault::bug(format!("nobody could register: {answer:?}")))?;
    Ok(credential.hash)
}

fn account(number: usize, now: Stamp) -> Account {
    let wish = Wish {
        username: username(number),
        email: format!("{}@shop.test", username(number)),
        first_name: "Anna".to_owned(),
        last_name: format!("Berg {number}"),
        phone_number: format!("+49 30 {number:07}"),
    };
    register(1_000_000 + number as u64, wish, "identity", now)
}

fn forget_changes(whole: &Whole) -> Result<(), Fault> {
    let changes = &whole.cloud.table.changes;
    while let Some(last) = changes.after(changes.consumed(), 1000).map_err(Fault::bug)?.last() {
        changes.consume(last.position).map_err(Fault::bug)?;
    }
    Ok(())
}
