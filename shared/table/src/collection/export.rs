//! A list as a CSV file.

use axum::response::Response;
use http::HeaderValue;
use wire::{Reply, csv_file, csv_text};

use super::asked::Asked;
use super::reading::Reading;
use super::{Collection, Listing};
use crate::{Row, Table};

impl<R: Row> Collection<R> {
    /// What a request asks for as a CSV file of that name, without pages.
    ///
    /// Costs what the rows cost, within the same budget; a file that it cuts short says so in `x-truncated`.
    pub async fn csv(&self, table: &Table, listing: &Listing<'_>, file: &str) -> Reply<Response> {
        let (rows, cut) =
            Reading::begin(self, table, Asked::read(self, listing)?).await?.everything().await?;
        let mut response = csv_file(file, csv_text(self.columns, &rows));
        if cut {
            response.headers_mut().insert("x-truncated", HeaderValue::from_static("true"));
        }
        Ok(response)
    }
}
