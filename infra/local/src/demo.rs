//! What is there to try at the first start: people who can sign in, and a shop for them.

use identity::demo::{ADMIN, Demo};
use wire::Fault;

use crate::Whole;

/// Who can sign in, and as what.
pub const PEOPLE: [(&str, Demo<'_>); 3] = [
    ("administrator of everything", ADMIN),
    (
        "clerk of the loyalty desk",
        Demo {
            username: "staff1",
            email: "staff1@example.com",
            password: "staff123",
            name: ("Staff", "Member"),
            roles: &[("loyalty", "staff")],
        },
    ),
    (
        "member of the loyalty programme",
        Demo {
            username: "member1",
            email: "member1@example.com",
            password: "member123",
            name: ("John", "Doe"),
            roles: &[],
        },
    ),
];

/// Makes what is not there yet.
pub async fn seed(whole: &Whole) -> Result<(), Fault> {
    let people = PEOPLE.map(|(_, person)| person);
    let accounts = identity::demo::seed(&whole.host("identity-http")?, &people).await?;
    let [_, _, member] = accounts.try_into().map_err(|_| Fault::bug("a demo account is missing"))?;
    loyalty::demo::seed(&whole.host("loyalty-http")?, member).await?;
    prepaid::demo::seed(&whole.host("prepaid-http")?).await
}
