//! What must add up in identity after any day, of all that is stored; and below, in loyalty and prepaid.

mod loyalty;
mod prepaid;

pub use self::prepaid::Sold;

use std::collections::BTreeMap;
use std::time::Duration;

use rebuild::Rebuild;
use serde_json::Value;
use wire::folded;

use crate::{Shelf, World};

impl World {
    /// Counts all accounts anew and insists that figures, logins and sessions agree with them.
    pub async fn recount(&self) -> usize {
        let shelf = self.shelf().await;
        let principals: Vec<&Value> = shelf.of_kind("principal").collect();
        self.figures_agree().await;
        logins_lead_to_their_accounts(&shelf, &principals);
        sessions_agree_with_their_accounts(&shelf, &principals);
        principals.len()
    }

    async fn figures_agree(&self) {
        let rebuild = Rebuild::open(&self.console(), Duration::ZERO).expect("the table has a name");
        let report = rebuild.check().await.expect("the table answers");
        assert!(report.is_right(), "figures are not what their rows come to:\n{report}");
    }
}

fn number(item: &Value, name: &str) -> i64 {
    item[name]["N"].as_str().and_then(|number| number.parse().ok()).unwrap_or_default()
}

fn logins_lead_to_their_accounts(shelf: &Shelf, principals: &[&Value]) {
    let mut left: BTreeMap<String, i64> = BTreeMap::new();
    for principal in principals {
        for name in ["username", "email"] {
            let login = folded(principal[name]["S"].as_str().unwrap_or_default());
            assert!(left.insert(login, number(principal, "id")).is_none(), "two accounts of one {name}");
        }
    }
    for credential in shelf.of_kind("credential") {
        let login = credential["login"]["S"].as_str().unwrap_or_default();
        assert_eq!(left.remove(login), Some(number(credential, "account")), "where {login} leads");
    }
    assert!(left.is_empty(), "nobody can sign in as {left:?}");
}

fn sessions_agree_with_their_accounts(shelf: &Shelf, principals: &[&Value]) {
    let versions: BTreeMap<i64, i64> = shelf
        .of_kind("sessions")
        .map(|sessions| (number(sessions, "account"), number(sessions, "ver")))
        .collect();
    assert_eq!(versions.len(), principals.len(), "each account has its sessions");
    for principal in principals {
        assert_eq!(versions.get(&number(principal, "id")), Some(&number(principal, "ver")));
    }
}
