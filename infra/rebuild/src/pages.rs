//! The table from end to end.

use aws_sdk_dynamodb::Client;
use aws_smithy_types::error::display::DisplayErrorContext;
use table::Item;
use wire::Fault;

use crate::Rebuild;

/// All items of the table, a page at a time, each as the newest write before it was read had left it.
pub(crate) struct Pages<'a> {
    client: &'a Client,
    table: &'a str,
    place: Place,
}

enum Place {
    Start,
    After(Item),
    End,
}

impl Rebuild {
    /// Begins to read the table.
    pub(crate) fn pages(&self) -> Pages<'_> {
        Pages { client: &self.client, table: &self.name, place: Place::Start }
    }
}

impl Pages<'_> {
    /// The next items, until there are no more.
    #[expect(clippy::disallowed_methods, reason = "figures are counted anew from all rows that there are")]
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<Item>>, Fault> {
        let after = match std::mem::replace(&mut self.place, Place::End) {
            Place::Start => None,
            Place::After(item) => Some(item),
            Place::End => return Ok(None),
        };
        let scan = self.client.scan().table_name(self.table).consistent_read(true);
        let page = scan.set_exclusive_start_key(after).send().await.map_err(|error| {
            Fault::busy(format!("the table cannot be read: {}", DisplayErrorContext(&error)))
        })?;
        self.place = page.last_evaluated_key.map_or(Place::End, Place::After);
        Ok(Some(page.items.unwrap_or_default()))
    }
}
