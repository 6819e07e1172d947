//! Writing: transactions and single updates, each safe to send more than once.

use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    ConditionCheck, Delete, Put, ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, Update as SdkUpdate,
};
use uuid::Uuid;
use wire::Fault;

use crate::again::{TRIES, pause};
use crate::condition::Terms;
use crate::once::Kept;
use crate::row::{from_item, to_item};
use crate::table::failed;
use crate::tx::{Otherwise, Step, Write};
use crate::verdict::{Verdict, judge};
use crate::{Answered, Condition, Denied, Item, Key, Message, Table, Tx, Update, meter, row, tally};

/// The attribute that tells a repeated update that it already happened.
const LAST_WRITE: &str = "last_write";

impl Table {
    /// Makes every step of a transaction happen, or none.
    ///
    /// Conflicts with other transactions are retried here, because the SDK does not; a tally that met one
    /// moves to another of its rows. A lost answer is safe: the SDK repeats the same token and bytes.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that writes transactions")]
    pub async fn commit<R: Clone>(&self, mut tx: Tx<R>) -> Result<(), Denied<R>> {
        carry(&mut tx.steps, &std::mem::take(&mut tx.told));
        for attempt in 1..=TRIES {
            meter::time_to_write()?;
            let call = self
                .client
                .transact_write_items()
                .set_transact_items(Some(self.items_of(&tx)))
                .client_request_token(Uuid::new_v4().to_string())
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            let error = match Box::pin(call.send()).await {
                Ok(answer) => {
                    meter::wrote(answer.consumed_capacity());
                    return Ok(());
                }
                Err(error) => error,
            };
            match self.verdict(&tx, error) {
                Some(denied) => return Err(denied),
                None => pause(attempt).await,
            }
        }
        Err(Fault::busy("a transaction kept meeting conflicts").into())
    }

    /// Changes one item, and keeps the answer with it where a client asked for that.
    pub async fn apply_once<R: Clone>(
        &self,
        update: Update,
        refused: R,
        answered: Option<Answered>,
    ) -> Result<(), Denied<R>> {
        match answered {
            None => self.apply(update, refused).await.map(drop),
            kept => self.commit(Tx::new().update(update, refused).answering(kept)).await,
        }
    }

    /// Changes one item and answers with it as it is now.
    ///
    /// A repeat after a lost answer is known by the id of the row's last write. If somebody else wrote in between, it
    /// is not known: an amount may be added twice, or a done change refused. So a number that is money is never
    /// changed here without a condition on the row's revision, and a refusal of such a change is looked at again.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that writes single updates")]
    pub async fn apply<R>(&self, update: Update, refused: R) -> Result<Item, Denied<R>> {
        let write = Uuid::new_v4().to_string();
        let update = update.and(|condition| condition.is_not(LAST_WRITE, &write)).set(LAST_WRITE, &write);
        let mut terms = Terms::default();
        let expression = update.render(&mut terms);
        let condition = update.condition.render(&mut terms);
        let (names, values) = terms.parts();
        let call = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(update.key.attributes()))
            .update_expression(expression)
            .set_condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        for attempt in 1..=TRIES {
            meter::time_to_write()?;
            let error = match Box::pin(call.clone().send()).await {
                Ok(answer) => {
                    meter::wrote(&answer.consumed_capacity);
                    return Ok(answer.attributes.unwrap_or_default());
                }
                Err(error) => error,
            };
            match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failure)) => {
                    // The answer to our own first sending was lost: the item already is as we left it.
                    let ours = failure
                        .item
                        .clone()
                        .filter(|item| item.get(LAST_WRITE) == Some(&row::attribute(&write)));
                    return ours.ok_or(Denied::Refused(refused));
                }
                Some(UpdateItemError::TransactionConflictException(_)) => pause(attempt).await,
                _ => return Err(failed(error).into()),
            }
        }
        Err(Fault::busy("an update kept meeting conflicts").into())
    }

    fn items_of<R>(&self, tx: &Tx<R>) -> Vec<TransactWriteItem> {
        let steps = tx.steps.iter().map(|step| self.item_of(&step.write));
        let tallies =
            tx.tallies.iter().map(|(scope, deltas)| self.item_of(&Write::Update(tally::step(scope, deltas))));
        let answered = tx.answered.iter().map(|answered| {
            let kept = answered.row(&self.seal);
            let free = answered.once.free(answered.began.as_deref());
            self.item_of(&Write::Put { item: to_item(&kept), condition: free })
        });
        steps.chain(tallies).chain(answered).collect()
    }

    fn item_of(&self, write: &Write) -> TransactWriteItem {
        let mut terms = Terms::default();
        let item = TransactWriteItem::builder();
        let complete = "every required part is given";
        match write {
            Write::Put { item: put, condition } => {
                let condition = condition.render(&mut terms);
                let (names, values) = terms.parts();
                let put = Put::builder()
                    .table_name(&self.name)
                    .set_item(Some(put.clone()))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
                item.put(put.build().expect(complete))
            }
            Write::Update(update) => {
                let expression = update.render(&mut terms);
                let condition = update.condition.render(&mut terms);
                let (names, values) = terms.parts();
                let update = SdkUpdate::builder()
                    .table_name(&self.name)
                    .set_key(Some(update.key.attributes()))
                    .update_expression(expression)
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values);
                item.update(update.build().expect(complete))
            }
            Write::Delete { key, condition } => {
                let condition = condition.render(&mut terms);
                let (names, values) = terms.parts();
                let delete = Delete::builder()
                    .table_name(&self.name)
                    .set_key(Some(key.attributes()))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values);
                item.delete(delete.build().expect(complete))
            }
            Write::Check { key, condition } => {
                let condition = condition.render(&mut terms);
                let (names, values) = terms.parts();
                let check = ConditionCheck::builder()
                    .table_name(&self.name)
                    .set_key(Some(key.attributes()))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values);
                item.condition_check(check.build().expect(complete))
            }
        }
        .build()
    }

    /// Why a transaction did not happen; `None` when it is worth another try.
    fn verdict<R: Clone>(&self, tx: &Tx<R>, error: SdkError<TransactWriteItemsError>) -> Option<Denied<R>> {
        let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error()
        else {
            return Some(failed(error).into());
        };
        match judge(tx, cancelled.cancellation_reasons()) {
            Verdict::Repeat(item) => {
                let kept = from_item::<Kept>(item);
                let answered = tx.answered.as_ref()?;
                Some(match kept {
                    // A kept answer that ended between two tries: the next try replaces it.
                    Ok(kept) => Denied::Repeated(answered.once.judge(kept, &self.seal)?),
                    Err(fault) => fault.into(),
                })
            }
            Verdict::Otherwise(Otherwise::Refused(refusal)) => Some(Denied::Refused(refusal.clone())),
            Verdict::Otherwise(Otherwise::Stale) => Some(Denied::Stale),
            Verdict::Conflict => None,
            Verdict::Throttled => Some(Fault::busy("a transaction was throttled").into()),
            Verdict::Broken => Some(failed(error).into()),
        }
    }
}

/// Lets messages ride in the first new row that may carry them, which spares an item; without one they become a row of
/// their own. A row that stays carries no letters, since it would do so for good; work for a queue is a few ids.
fn carry<R>(steps: &mut Vec<Step<R>>, told: &[Message]) {
    let Some(first) = told.first() else { return };
    let letters = told.iter().any(|message| message.to == "mail");
    let new_row = steps.iter_mut().find_map(|step| match &mut step.write {
        Write::Put { item, condition }
            if *condition == Condition::absent() && (!letters || item.contains_key("ttl")) =>
        {
            Some(item)
        }
        _ => None,
    });
    if let Some(item) = new_row {
        item.insert("told".to_owned(), row::attribute(&told));
        return;
    }
    let key = Key::new(format!("OUTBOX#{}#{}", first.from.to_uppercase(), first.id), "TOLD");
    let mut item = key.attributes();
    item.insert("kind".to_owned(), row::attribute(&"outbox"));
    item.insert("v".to_owned(), row::attribute(&1));
    item.insert("ttl".to_owned(), row::attribute(&(first.at + OUTBOX_KEPT).seconds()));
    item.insert("told".to_owned(), row::attribute(&told));
    // Its key is a fresh id: if it is taken, this very transaction took it.
    steps.push(Step {
        write: Write::Put { item, condition: Condition::absent() },
        otherwise: Otherwise::Stale,
    });
}

/// Longer than the stream keeps a record, so that a stopped relay finds it still there.
const OUTBOX_KEPT: Duration = Duration::from_hours(168);

#[cfg(test)]
mod tests {
    use super::*;

    use aws_sdk_dynamodb::types::AttributeValue;

    #[test]
    fn messages_ride_in_the_first_new_row_that_ends_or_alone() {
        let told =
            || vec![Message::new("identity", "mail", serde_json::json!({}), wire::Stamp::from_seconds(9))];
        let check = Write::Check { key: Key::new("A#1", "A"), condition: Condition::exists() };
        let mut steps = vec![Step { write: check, otherwise: Otherwise::<()>::Stale }];
        carry(&mut steps, &told());
        let Write::Put { item, .. } = &steps[1].write else { panic!("a row of its own") };
        assert!(item["pk"].as_s().unwrap().starts_with("OUTBOX#IDENTITY#"));
        let mut steps = vec![Step {
            write: Write::Put { item: Item::new(), condition: Condition::absent() },
            otherwise: Otherwise::<()>::Stale,
        }];
        carry(&mut steps, &told());
        assert_eq!(steps.len(), 2, "a row that stays carries no letter");
        steps.pop();
        let mut working = steps.clone();
        carry(&mut working, &[Message { to: "identity".to_owned(), ..told().remove(0) }]);
        assert_eq!(working.len(), 1, "but work");
        let Write::Put { item, .. } = &mut steps[0].write else { panic!("the new row") };
        item.insert("ttl".into(), AttributeValue::N("9".into()));
        carry(&mut steps, &told());
        assert_eq!(steps.len(), 1);
        let Write::Put { item, .. } = &steps[0].write else { panic!("the new row") };
        assert!(item.contains_key("told"));
    }
}
