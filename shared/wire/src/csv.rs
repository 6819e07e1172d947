//! Tables as RFC 4180 text that a spreadsheet may open without harm.

use axum::response::{IntoResponse, Response};
use csv::{Terminator, WriterBuilder};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use crate::{Day, Money, Stamp};

/// One column: its heading and what it shows of a row.
pub type Column<R> = (&'static str, fn(&R) -> Cell);

/// The content of one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell(String);

impl Cell {
    /// A cell of free text, which a spreadsheet must not take for a formula.
    pub fn text(text: impl Into<String>) -> Cell {
        let text = text.into();
        Cell(if starts_formula(&text) { format!("'{text}") } else { text })
    }

    /// An empty cell.
    pub fn empty() -> Cell {
        Cell(String::new())
    }
}

/// Whether a spreadsheet would run this text: by its opener, an opener's full-width twin or a control.
fn starts_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::text(text)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::text(text)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Cell(number.to_string())
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Cell(number.to_string())
    }
}

impl From<Money> for Cell {
    fn from(amount: Money) -> Self {
        Cell(amount.to_string())
    }
}

impl From<Day> for Cell {
    fn from(day: Day) -> Self {
        Cell(day.to_string())
    }
}

impl From<Stamp> for Cell {
    fn from(stamp: Stamp) -> Self {
        Cell(stamp.to_string())
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Self {
        Cell(flag.to_string())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(content: Option<T>) -> Self {
        content.map_or_else(Cell::empty, Into::into)
    }
}

/// The rows as CSV under a line of headings.
pub fn csv_text<'r, R: 'r>(columns: &[Column<R>], rows: impl IntoIterator<Item = &'r R>) -> String {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    let headings = columns.iter().map(|(heading, _)| Cell::text(*heading));
    let in_memory = "writing to memory cannot fail, and every line has a cell for each column";
    writer.write_record(headings.map(|cell| cell.0)).expect(in_memory);
    for row in rows {
        writer.write_record(columns.iter().map(|(_, show)| show(row).0)).expect(in_memory);
    }
    let bytes = writer.into_inner().expect(in_memory);
    String::from_utf8(bytes).expect("cells are text")
}

/// A CSV answer that browsers save under `name`.
pub fn csv_file(name: &str, text: String) -> Response {
    let safe: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
    let disposition = format!(r#"attachment; filename="{safe}""#);
    ([(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, disposition)], text)
        .into_response()
}
