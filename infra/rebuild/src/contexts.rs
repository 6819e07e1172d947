//! What is known of contexts: what their rows count into figures.

use table::{Item, Kind, Tallies, key_of, kind_of};
use wire::Fault;

/// A context that keeps figures.
struct Context {
    /// How its scopes begin.
    prefix: &'static str,
    /// How the partitions of what it counts begin: kinds of rows are a context's own words, and another may use the same.
    rows: &'static [&'static str],
    /// What they are.
    kinds: &'static [Kind],
}

/// Every context that keeps figures.
const CONTEXTS: [Context; 3] = [
    Context { prefix: "IDENTITY#", rows: &["PRINCIPAL#", "CREDENTIAL#"], kinds: &identity::KINDS },
    Context { prefix: "LOYALTY#", rows: &["LOYALTY#"], kinds: &loyalty::KINDS },
    Context { prefix: "PREPAID#", rows: &["PREPAID#"], kinds: &prepaid::KINDS },
];

/// Adds what an item counts into figures.
pub(crate) fn count(item: &Item, counted: &mut Tallies) -> Result<(), Fault> {
    let key = key_of(item)?;
    let has = |context: &&Context| context.rows.iter().any(|rows| key.pk().starts_with(rows));
    let kinds = CONTEXTS.iter().filter(has).flat_map(|context| context.kinds);
    for kind in kinds.filter(|kind| kind.name == kind_of(item)) {
        counted.join(kind.counts(item)?);
    }
    Ok(())
}

/// Whether somebody here knows all that counts into a scope. Figures of others would come to nothing.
pub(crate) fn knows(scope: &str) -> bool {
    CONTEXTS.iter().any(|context| scope.starts_with(context.prefix))
}
