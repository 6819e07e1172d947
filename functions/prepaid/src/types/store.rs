//! Where voucher types are kept, and the terms of what was sold.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use table::{Key, Query, Table, Tx, Unique};
use wire::{Fault, FieldErrors, Page, Problem, folded};

use super::{Refusal, Terms, TermsId, VoucherType};

/// The partition of all types.
pub const TYPES: &str = "PREPAID#TYPES";

/// The row of a type.
pub fn type_key(id: u32) -> Key {
    Key::new(TYPES, format!("{id:010}"))
}

/// The row of the terms that something was sold under.
pub fn terms_key(terms: TermsId) -> Key {
    Key::new(format!("PREPAID#TYPE#{:010}", terms.id), format!("TERMS#{:06}", terms.rev))
}

fn name(known: &VoucherType) -> Unique {
    Unique::new("PREPAID#NAME", folded(&known.name), known.id.to_string())
}

fn service(known: &VoucherType) -> Unique {
    Unique::new("PREPAID#SERVICE", &known.type_code, known.id.to_string())
}

/// The number that an id is written as; none, if it is no id of ours.
pub fn number(id: &str) -> Option<u32> {
    id.parse().ok().filter(|number: &u32| *number > 0 && number.to_string() == id)
}

/// A type by its id, as the newest write left it.
pub async fn by_id(table: &Table, id: &str) -> Result<Option<VoucherType>, Fault> {
    match number(id) {
        Some(number) => table.get_strong(&type_key(number)).await,
        None => Ok(None),
    }
}

/// All types. There are some tens.
pub async fn all(table: &Table) -> Result<Vec<VoucherType>, Fault> {
    table.all(Query::partition(TYPES).strong()).await
}

/// A new type with what is unique to it, and its first terms.
pub fn create(made: &VoucherType) -> Tx<Refusal> {
    let tx = Tx::new().append(made).append(&Terms(made.clone()));
    tx.insert(&name(made), Refusal::NameTaken).insert(&service(made), Refusal::ServiceTaken)
}

/// An edit; what is unique moves along, and new terms stand beside the old.
pub fn edit(before: &VoucherType, after: &VoucherType) -> Tx<Refusal> {
    let tx = Tx::new().change(before, after, &["rev"]);
    let tx = tx.moves(Some(name(before)), Some(name(after)), Refusal::NameTaken);
    let tx = tx.moves(Some(service(before)), Some(service(after)), Refusal::ServiceTaken);
    if before.rev == after.rev { tx } else { tx.append(&Terms(after.clone())) }
}

/// Everything about a wanted type that another has already, told together.
pub async fn taken(table: &Table, wanted: &VoucherType) -> Result<Problem, Fault> {
    let (name, service) = (name(wanted), service(wanted));
    let (name, service) = tokio::try_join!(name.is_taken(table), service.is_taken(table))?;
    let mut errors = FieldErrors::new();
    let both = [(name, Refusal::NameTaken), (service, Refusal::ServiceTaken)];
    both.into_iter().filter(|(taken, _)| *taken).for_each(|(_, refusal)| refusal.tell(&mut errors));
    if errors.is_empty() {
        return Err(Fault::busy("a unique value was taken and freed meanwhile"));
    }
    Ok(errors.into())
}

/// The terms that were ever asked for in this process. They never change, so they are read once.
#[derive(Clone, Default)]
pub struct KnownTerms(Arc<Mutex<BTreeMap<TermsId, Arc<VoucherType>>>>);

/// How many terms a process remembers.
const REMEMBERED: usize = 1000;

impl KnownTerms {
    /// These terms, by their ids.
    pub async fn of(
        &self,
        table: &Table,
        wanted: impl IntoIterator<Item = TermsId>,
    ) -> Result<BTreeMap<TermsId, Arc<VoucherType>>, Fault> {
        let wanted: BTreeSet<TermsId> = wanted.into_iter().collect();
        let mut found: BTreeMap<_, _> = {
            let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            wanted.iter().filter_map(|id| Some((*id, known.get(id)?.clone()))).collect()
        };
        let missing: Vec<Key> =
            wanted.iter().filter(|id| !found.contains_key(id)).map(|id| terms_key(*id)).collect();
        if missing.is_empty() {
            return Ok(found);
        }
        let read: Vec<Terms> = table.rows(&missing).await?;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        for Terms(terms) in read {
            let (id, terms) = (terms.terms(), Arc::new(terms));
            known.insert(id, terms.clone());
            found.insert(id, terms);
        }
        Ok(found)
    }

    /// The terms of one sale.
    pub async fn one(&self, table: &Table, id: TermsId) -> Result<Arc<VoucherType>, Fault> {
        self.of(table, [id]).await?.remove(&id).ok_or_else(unknown)
    }

    /// A page of what was sold, each shown with its terms.
    pub async fn page<T, V>(
        &self,
        table: &Table,
        page: Page<T>,
        of: fn(&T) -> TermsId,
        show: impl Fn(&T, &VoucherType) -> V,
    ) -> Result<Page<V>, Fault> {
        let terms = self.of(table, page.results.iter().map(of)).await?;
        let shown = |row| Ok(show(row, terms.get(&of(row)).ok_or_else(unknown)?));
        let results = page.results.iter().map(shown).collect::<Result<_, Fault>>()?;
        Ok(Page {
            count: page.count,
            count_is_exact: page.count_is_exact,
            next: page.next,
            previous: page.previous,
            results,
        })
    }
}

fn unknown() -> Fault {
    Fault::bug("something was sold under terms that nobody knows")
}
