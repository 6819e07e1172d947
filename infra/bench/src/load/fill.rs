//! A store with accounts in it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use access::{Principal, Status};
use http::Request;
use http::header::{CONTENT_TYPE, HOST};
use identity::account::{Account, FIGURES, Login, Profile, Refusal};
use identity::demo;
use identity::session::{Credential, Sessions, store};
use local::Whole;
use table::{Seal, Table, Tx};
use wire::{Fault, Stamp};

use super::operations;
use crate::ground;

/// Everybody's password.
pub const PASSWORD: &str = "violet-harbour-42";

/// As many accounts as one transaction takes: each has four rows.
const AT_ONCE: usize = 24;

/// The user name of an account.
pub fn username(number: usize) -> String {
    format!("member{number}")
}

/// Makes a store with an administrator and so many accounts, and tells how long it took.
///
/// They are written past the functions, since hashing each password would take the time; and their changes are
/// not projected.
pub async fn fill(data: &Path, accounts: usize) -> Result<Duration, Fault> {
    let started = Instant::now();
    let whole = ground::whole(data.to_path_buf()).await?;
    demo::seed(&whole.host("identity-http")?, &[demo::ADMIN]).await?;
    let table = observer(&whole.cloud.url(), whole.cloud.table.name())?;
    let hash = hash(&whole, &table).await?;
    let now = whole.clock.now();
    let numbers: Vec<usize> = (0..accounts).collect();
    for numbers in numbers.chunks(AT_ONCE) {
        let rows = numbers.iter().fold(Tx::new(), |tx, number| with_account(tx, *number, &hash, now));
        let count = i64::try_from(numbers.len()).map_err(Fault::bug)?;
        let tx = rows.tally(FIGURES, [("total", count), (Status::Active.as_str(), count)]);
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

fn with_account(tx: Tx<Refusal>, number: usize, hash: &str, now: Stamp) -> Tx<Refusal> {
    let account = account(number, now);
    let names = [Login::Username, Login::Email];
    let tx = account.logins().into_iter().zip(names).fold(
        tx.insert(&account, Refusal::Number),
        |tx, (login, name)| {
            let credential = Credential { login, account: account.id(), hash: hash.to_owned(), password: 0 };
            tx.insert(&credential, Refusal::Taken(name))
        },
    );
    tx.insert(&Sessions::none(account.id()), Refusal::Number)
}

fn account(number: usize, now: Stamp) -> Account {
    let principal = Principal {
        id: 1_000_000 + number as u64,
        username: username(number),
        email: format!("{}@shop.test", username(number)),
        first_name: "Anna".to_owned(),
        last_name: format!("Berg {number}"),
        roles: BTreeMap::new(),
        status: Status::Active,
        ver: 0,
    };
    Account {
        principal,
        profile: Profile { phone_number: format!("+49 30 {number:07}"), ..Profile::default() },
        email_verified: false,
        dialect: "identity".to_owned(),
        joined: now,
        updated: now,
    }
}

fn forget_changes(whole: &Whole) -> Result<(), Fault> {
    let changes = &whole.cloud.table.changes;
    while let Some(last) = changes.after(changes.consumed(), 1000).map_err(Fault::bug)?.last() {
        changes.consume(last.position).map_err(Fault::bug)?;
    }
    Ok(())
}
