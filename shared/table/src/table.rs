//! The table: reads, and single conditional updates.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity, Select};
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_types::SdkConfig;
use wire::Fault;

use crate::again::pause;
use crate::condition::Terms;
use crate::{Index, Item, Key, Row, Seal, meter, row};

/// The stage's one table.
#[derive(Clone, Debug)]
pub struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
    pub(crate) seal: Seal,
}

/// What a query asks for: one partition, in the order of its sort keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    index: Option<Index>,
    pk: String,
    range: Range,
    newest_first: bool,
    limit: Option<usize>,
    after: Option<Item>,
    strong: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Range {
    All,
    Prefix(String),
    Between(String, String),
}

impl Query {
    /// The items of one partition of the table itself.
    pub fn partition(pk: impl Into<String>) -> Self {
        Self {
            index: None,
            pk: pk.into(),
            range: Range::All,
            newest_first: false,
            limit: None,
            after: None,
            strong: false,
        }
    }

    /// The items of one partition of an index.
    pub fn index(index: Index, pk: impl Into<String>) -> Self {
        Self { index: Some(index), ..Self::partition(pk) }
    }

    /// Only sort keys that begin so.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.range = Range::Prefix(prefix.into());
        self
    }

    /// Only sort keys from the first to the second, both included.
    pub fn between(mut self, from: impl Into<String>, to: impl Into<String>) -> Self {
        self.range = Range::Between(from.into(), to.into());
        self
    }

    /// From the highest sort key down.
    pub fn descending(mut self) -> Self {
        self.newest_first = true;
        self
    }

    /// At most so many items.
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Goes on after a position that an earlier [`Batch`] named.
    pub fn after(mut self, position: Option<Item>) -> Self {
        self.after = position;
        self
    }

    /// Whether nothing can be found: the table refuses bounds that cross.
    fn is_void(&self) -> bool {
        matches!(&self.range, Range::Between(from, to) if from > to)
    }

    /// Sees every completed write. Only the table itself can, no index.
    pub fn strong(mut self) -> Self {
        self.strong = true;
        self
    }
}

/// What one call of a query found.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The items, in order.
    pub items: Vec<Item>,
    /// Where to go on, if there may be more.
    pub next: Option<Item>,
}

impl Table {
    /// The table of that name; `seal` closes what leaves the house, such as cursors.
    pub fn new(config: &SdkConfig, name: impl Into<String>, seal: Seal) -> Self {
        Self { client: Client::new(config), name: name.into(), seal }
    }

    /// The same table, on the same connections, with another seal.
    pub fn sealed(self, seal: Seal) -> Self {
        Self { seal, ..self }
    }

    /// The seal for what clients hold for us.
    pub fn seal(&self) -> &Seal {
        &self.seal
    }

    /// Opens the connection, so that the first request finds it open.
    pub async fn connect(&self) -> Result<(), Fault> {
        self.item(&Key::new("HEALTH#PING", "PING"), false).await.map(drop)
    }

    /// Reads a row; it may lag behind the newest write by moments.
    pub async fn get<R: Row>(&self, key: &Key) -> Result<Option<R>, Fault> {
        self.item(key, false).await?.map(row::from_item).transpose()
    }

    /// Reads a row as the newest completed write left it.
    pub async fn get_strong<R: Row>(&self, key: &Key) -> Result<Option<R>, Fault> {
        self.item(key, true).await?.map(row::from_item).transpose()
    }

    /// Reads an item of any kind.
    pub async fn item(&self, key: &Key, strong: bool) -> Result<Option<Item>, Fault> {
        let ask = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key.attributes()))
            .consistent_read(strong)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        // The SDK's futures are large; boxed, they do not swell every future around them.
        let answer = Box::pin(ask.send()).await.map_err(failed)?;
        meter::read(&answer.consumed_capacity);
        Ok(answer.item)
    }

    /// Reads up to 100 items in one call, in the order asked for; what is missing is `None`.
    pub async fn items(&self, keys: &[Key], strong: bool) -> Result<Vec<Option<Item>>, Fault> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut found: HashMap<Key, Item> = HashMap::new();
        let distinct: BTreeSet<&Key> = keys.iter().collect();
        let mut wanted: Vec<Item> = distinct.into_iter().map(Key::attributes).collect();
        // What one answer could not hold, or a busy partition not give, comes back as unprocessed.
        for round in 0..6 {
            if round > 0 {
                pause(round).await;
            }
            let wish = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(strong).build();
            let ask = self
                .client
                .batch_get_item()
                .request_items(&self.name, wish.map_err(Fault::bug)?)
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            let answer = Box::pin(ask.send()).await.map_err(failed)?;
            meter::read(answer.consumed_capacity());
            for item in answer.responses.into_iter().flat_map(HashMap::into_values).flatten() {
                found.insert(key_of(&item)?, item);
            }
            wanted = answer
                .unprocessed_keys
                .into_iter()
                .flat_map(HashMap::into_values)
                .flat_map(|rest| rest.keys)
                .collect();
            if wanted.is_empty() {
                return Ok(keys.iter().map(|key| found.get(key).cloned()).collect());
            }
        }
        Err(Fault::busy("a batch read stayed unprocessed"))
    }

    /// Reads rows of one kind in one call, leaving out what is missing.
    pub async fn rows<R: Row>(&self, keys: &[Key]) -> Result<Vec<R>, Fault> {
        self.items(keys, false).await?.into_iter().flatten().map(row::from_item).collect()
    }

    /// One call of a query.
    pub async fn query(&self, query: Query) -> Result<Batch, Fault> {
        if query.is_void() {
            return Ok(Batch::default());
        }
        let select = query.index.map(|_| Select::AllAttributes);
        let answer = Box::pin(self.asking(query).set_select(select).send()).await.map_err(failed)?;
        meter::read(&answer.consumed_capacity);
        Ok(Batch { items: answer.items.unwrap_or_default(), next: answer.last_evaluated_key })
    }

    /// One call of a query that only counts, and where to go on. Costs what reading the items would.
    pub async fn count(&self, query: Query) -> Result<(usize, Option<Item>), Fault> {
        if query.is_void() {
            return Ok((0, None));
        }
        let answer = Box::pin(self.asking(query).select(Select::Count).send()).await.map_err(failed)?;
        meter::read(&answer.consumed_capacity);
        Ok((usize::try_from(answer.count).map_err(Fault::bug)?, answer.last_evaluated_key))
    }

    fn asking(&self, query: Query) -> QueryFluentBuilder {
        let mut terms = Terms::default();
        let (pk, sk) = query.index.map_or(("pk", "sk"), |index| (index.pk(), index.sk()));
        let mut condition = format!("{} = {}", terms.name(pk), terms.value(AttributeValue::S(query.pk)));
        match query.range {
            Range::All => {}
            Range::Prefix(prefix) => {
                let (name, value) = (terms.name(sk), terms.value(AttributeValue::S(prefix)));
                let _ = write!(condition, " AND begins_with({name}, {value})");
            }
            Range::Between(from, to) => {
                let name = terms.name(sk);
                let (from, to) = (terms.value(AttributeValue::S(from)), terms.value(AttributeValue::S(to)));
                let _ = write!(condition, " AND {name} BETWEEN {from} AND {to}");
            }
        }
        let (names, values) = terms.parts();
        self.client
            .query()
            .table_name(&self.name)
            .set_index_name(query.index.map(|index| index.name().to_owned()))
            .key_condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .scan_index_forward(!query.newest_first)
            .set_limit(query.limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)))
            .set_exclusive_start_key(query.after)
            .consistent_read(query.strong)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// All rows of a partition that is small by nature, such as the sessions of one account.
    pub async fn all<R: Row>(&self, query: Query) -> Result<Vec<R>, Fault> {
        let mut rows = Vec::new();
        let mut position = None;
        loop {
            let batch = self.query(query.clone().after(position)).await?;
            for item in batch.items {
                rows.push(row::from_item(item)?);
            }
            position = batch.next;
            if position.is_none() {
                return Ok(rows);
            }
        }
    }
}

/// The key an item was read under.
pub fn key_of(item: &Item) -> Result<Key, Fault> {
    let part = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
    match (part("pk"), part("sk")) {
        (Some(pk), Some(sk)) => Ok(Key::new(pk, sk)),
        _ => Err(Fault::bug("an item without a key")),
    }
}

/// Our own failure behind an error of the SDK: throttling, time-outs and lost connections are busy, the rest bugs.
#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err, and ends here")]
pub(crate) fn failed<E>(error: aws_sdk_dynamodb::error::SdkError<E>) -> Fault
where
    E: std::error::Error + aws_sdk_dynamodb::error::ProvideErrorMetadata + Send + Sync + 'static,
{
    use aws_sdk_dynamodb::error::SdkError;
    const BUSY: [&str; 6] = [
        "ThrottlingException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "TransactionInProgressException",
        "InternalServerError",
        "ServiceUnavailable",
    ];
    let busy = match &error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
        SdkError::ServiceError(answer) => {
            answer.raw().status().is_server_error()
                || answer.err().code().is_some_and(|code| BUSY.contains(&code))
        }
        _ => false,
    };
    // The service's answer may cite an item: only its code and its sentence are told.
    let text = match &error {
        SdkError::ServiceError(answer) => {
            let (code, message) = (answer.err().code(), answer.err().message());
            format!("the table answered {}: {}", code.unwrap_or("an error"), message.unwrap_or("no reason"))
        }
        _ => DisplayErrorContext(&error).to_string(),
    };
    if busy { Fault::busy(text) } else { Fault::bug(text) }
}
