//! Demo accounts: only where the stage is local, and with the weak passwords that demos have.

use platform::{Host, Stage};
use wire::{Fault, folded};

use crate::account::rules::{Wish, register};
use crate::account::{Account, store};
use crate::session::Sessions;
use crate::session::store::newest_credential;
use crate::{Identity, ids};

/// An account to be there.
#[derive(Clone, Copy)]
pub struct Demo<'a> {
    /// The user name.
    pub username: &'a str,
    /// The address.
    pub email: &'a str,
    /// The password, of any weakness.
    pub password: &'a str,
    /// First and last name.
    pub name: (&'a str, &'a str),
    /// Roles by context.
    pub roles: &'a [(&'a str, &'a str)],
}

/// The administrator of every context.
pub const ADMIN: Demo = Demo {
    username: "admin",
    email: "admin@example.com",
    password: "admin123",
    name: ("Demo", "Administrator"),
    roles: &[("platform", "admin")],
};

/// Makes the demo accounts that are not there yet, and answers with the numbers of all. Refuses every stage but the
/// local one.
pub async fn seed(host: &Host, accounts: &[Demo<'_>]) -> Result<Vec<u64>, Fault> {
    if host.env.stage()? != Stage::Local {
        return Err(Fault::bug("demo accounts exist only locally"));
    }
    let identity = Identity::open(host).await?;
    let mut numbers = Vec::with_capacity(accounts.len());
    for demo in accounts {
        let login = folded(demo.username);
        let number = match newest_credential(&identity.app.table, &login).await? {
            Some(known) => known.account,
            None => make(&identity, demo).await?,
        };
        numbers.push(number);
    }
    Ok(numbers)
}

async fn make(identity: &Identity, demo: &Demo<'_>) -> Result<u64, Fault> {
    let hash = identity.hasher.hash(demo.password).await?;
    let account = account(demo, identity);
    let made = identity.app.table.commit(store::create(&account, &hash, &Sessions::none(account.id()))).await;
    made.map_err(|denied| Fault::bug(format!("a demo account was denied: {denied:?}")))?;
    Ok(account.id())
}

fn account(demo: &Demo, identity: &Identity) -> Account {
    let now = identity.app.clock.now();
    let wish = Wish {
        username: demo.username.to_owned(),
        email: demo.email.to_owned(),
        first_name: demo.name.0.to_owned(),
        last_name: demo.name.1.to_owned(),
        phone_number: String::new(),
    };
    let mut account = register(ids::account(now), wish, "demo", now);
    account.email_verified = true;
    account.principal.roles = demo.roles.iter().map(|(c, r)| ((*c).to_owned(), (*r).to_owned())).collect();
    account
}
