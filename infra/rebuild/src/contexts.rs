//! What is known of contexts: what their rows count into figures.

use table::{Item, Tallies, key_of};
use wire::Fault;

/// A context that keeps figures.
struct Context {
    /// How its scopes begin.
    prefix: &'static str,
    /// How the partitions of what it counts begin: kinds of rows are a context's own words, and another may use the same.
    rows: &'static [&'static str],
    /// What a stored item counts into which scopes.
    figures_of: fn(&Item) -> Result<Tallies, Fault>,
}

/// Every context that keeps figures.
const CONTEXTS: [Context; 3] = [
    Context { prefix: "IDENTITY#", rows: &["PRINCIPAL#", "CREDENTIAL#"], figures_of: identity::figures_of },
    Context { prefix: "LOYALTY#", rows: &["LOYALTY#"], figures_of: loyalty::figures_of },
    Context { prefix: "PREPAID#", rows: &["PREPAID#"], figures_of: prepaid::figures_of },
];

/// Adds what an item counts into figures.
pub(crate) fn count(item: &Item, counted: &mut Tallies) -> Result<(), Fault> {
    let key = key_of(item)?;
    let has = |context: &&Context| context.rows.iter().any(|rows| key.pk().starts_with(rows));
    for context in CONTEXTS.iter().filter(has) {
        for (scope, deltas) in (context.figures_of)(item)?.iter() {
            counted.add(scope, deltas.iter().map(|(name, by)| (name.as_str(), *by)));
        }
    }
    Ok(())
}

/// Whether somebody here knows all that counts into a scope. Figures of others would come to nothing.
pub(crate) fn knows(scope: &str) -> bool {
    CONTEXTS.iter().any(|context| scope.starts_with(context.prefix))
}
