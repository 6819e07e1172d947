//! Counting figures anew, on a table that is in use.
//!
//! Rows and figures change in one transaction, so figures that stood still from before the first row was read until
//! after the last one belong to just these rows. What they lack then, they lack at any later time as well: it can be
//! added at leisure, and nothing that is written meanwhile is lost. Figures that did not stand still say nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use table::{Deltas, Denied, Item, Tallies, key_of, scope_of};
use wire::Fault;

use crate::{Finding, Rebuild, Report, contexts};

/// How often all rows are read at most. The first time only shows which scopes there are.
const ROUNDS: usize = 4;

impl Rebuild {
    /// Counts everything and compares it with what is kept; figures that move are looked at a few times.
    pub async fn check(&self) -> Result<Report, Fault> {
        let mut report = Report::default();
        for _ in 0..ROUNDS {
            for (scope, finding) in self.round(&report.restless()).await? {
                let settled = report.0.get(&scope).is_some_and(|finding| *finding != Finding::Moving);
                if !settled {
                    report.0.insert(scope, finding);
                }
            }
            if report.restless().is_empty() {
                break;
            }
        }
        Ok(report)
    }

    /// Adds to wrong figures what they lack. What somebody else corrected meanwhile is left to the next check.
    pub async fn repair(&self, report: &Report) -> Result<(), Fault> {
        for (scope, finding) in &report.0 {
            let Finding::Wrong { kept, lacking } = finding else { continue };
            match self.table.correct(scope, kept, lacking).await {
                Ok(()) | Err(Denied::Refused(())) => {}
                Err(Denied::Fault(fault)) => return Err(fault),
                Err(other) => return Err(Fault::bug(format!("a correction was denied: {other:?}"))),
            }
        }
        Ok(())
    }

    /// Reads all rows once, and the figures of these scopes before and after.
    async fn round(&self, scopes: &[String]) -> Result<BTreeMap<String, Finding>, Fault> {
        let mut before = BTreeMap::new();
        for scope in scopes {
            before.insert(scope.clone(), self.table.reading(scope).await?);
        }
        // A transaction appears row by row: one whose figures were just read may not have reached all its rows yet,
        // and the last row that is read may be ahead of its figures.
        let pause = if scopes.is_empty() { Duration::ZERO } else { self.pause };
        tokio::time::sleep(pause).await;
        let counted = self.count().await?;
        tokio::time::sleep(pause).await;
        let mut findings = BTreeMap::new();
        for (scope, deltas) in counted {
            let finding = if contexts::knows(&scope) {
                let after = self.table.reading(&scope).await?;
                Finding::of(before.get(&scope), &after, &deltas)
            } else {
                Finding::Unknown
            };
            findings.insert(scope, finding);
        }
        Ok(findings)
    }

    /// What the rows come to, for every scope that has rows or kept figures.
    async fn count(&self) -> Result<BTreeMap<String, Deltas>, Fault> {
        let (mut counted, mut scopes, mut pages) = (Tallies::default(), BTreeMap::new(), self.pages());
        while let Some(items) = pages.next().await? {
            for item in &items {
                contexts::count(item, &mut counted).map_err(|fault| unreadable(item, &fault))?;
                if let Some(scope) = scope_of(item) {
                    scopes.insert(scope, Deltas::new());
                }
            }
        }
        scopes.extend(counted.iter().map(|(scope, deltas)| (scope.to_owned(), deltas.clone())));
        Ok(scopes)
    }
}

impl Report {
    /// The scopes of which nothing is known yet.
    fn restless(&self) -> Vec<String> {
        self.0
            .iter()
            .filter(|(_, finding)| **finding == Finding::Moving)
            .map(|(scope, _)| scope.clone())
            .collect()
    }
}

/// Without one row the figures cannot be told, so the operator has to know which it is.
fn unreadable(item: &Item, fault: &Fault) -> Fault {
    Fault::bug(key_of(item).map_or_else(|_| fault.to_string(), |key| format!("{key:?}: {fault}")))
}
