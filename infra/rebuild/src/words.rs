//! Restoring the words that rows are found by.

use table::Words;
use wire::Fault;

use crate::Rebuild;

impl Rebuild {
    /// Writes what is missing of the words of all rows, and tells how many rows have words.
    pub async fn restore_words(&self) -> Result<usize, Fault> {
        let (mut rows, mut pages) = (0, self.pages());
        while let Some(items) = pages.next().await? {
            for item in &items {
                if let Some(words) = Words::of(item)? {
                    self.table.restore_words(&words, self.clock.now()).await?;
                    rows += 1;
                }
            }
        }
        Ok(rows)
    }
}
