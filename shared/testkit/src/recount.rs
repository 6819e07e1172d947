//! What must add up in identity after any day, of all that is stored.

use std::collections::BTreeMap;

use serde_json::Value;
use wire::folded;

use crate::{Shelf, World};

impl World {
    /// Counts all accounts anew and insists that figures, logins and sessions agree with them.
    pub async fn recount(&self) -> usize {
        let shelf = self.shelf().await;
        let principals: Vec<&Value> = shelf.of_kind("principal").collect();
        figures_agree(&shelf, &principals);
        logins_lead_to_their_accounts(&shelf, &principals);
        sessions_agree_with_their_accounts(&shelf, &principals);
        principals.len()
    }
}

fn number(item: &Value, name: &str) -> i64 {
    item[name]["N"].as_str().and_then(|number| number.parse().ok()).unwrap_or_default()
}

fn figures_agree(shelf: &Shelf, principals: &[&Value]) {
    let tallies = || shelf.of_kind("tally").filter(|tally| tally["pk"]["S"] == "TALLY#IDENTITY#ACCOUNTS");
    let kept = |figure: &str| tallies().map(|tally| number(tally, figure)).sum::<i64>();
    let counted = |keep: &dyn Fn(&Value) -> bool| {
        i64::try_from(principals.iter().filter(|principal| keep(principal)).count()).expect("few accounts")
    };
    assert_eq!(kept("total"), counted(&|_| true), "the figure of all accounts");
    for status in ["active", "inactive", "suspended", "blocked"] {
        assert_eq!(
            kept(status),
            counted(&|principal| principal["status"]["S"] == status),
            "the figure {status}"
        );
    }
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
