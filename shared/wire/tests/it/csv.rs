use proptest::prelude::*;
use wire::{Cell, Column, Money, Stamp, csv_file, csv_text};

struct Row {
    name: String,
    points: i64,
}

static COLUMNS: [Column<Row>; 2] =
    [("name", |row| row.name.as_str().into()), ("points", |row| row.points.into())];

fn row(name: &str, points: i64) -> Row {
    Row { name: name.to_owned(), points }
}

fn cells(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn rows_are_written_under_their_headings() {
    let text = csv_text(&COLUMNS, &[row("Sari \"W\", Jr.", 730), row("two\nlines", -5)]);
    assert_eq!(text, "name,points\r\n\"Sari \"\"W\"\", Jr.\",730\r\n\"two\nlines\",-5\r\n");
    assert_eq!(csv_text(&COLUMNS, &[]), "name,points\r\n");
}

#[test]
fn formulas_become_texts() {
    for opener in ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'] {
        let attack = format!("{opener}HYPERLINK(\"http://evil.test\")");
        assert_eq!(cells(&csv_text(&COLUMNS, &[row(&attack, 1)]))[1][0], format!("'{attack}"));
    }
    for harmless in ["", "a=1", "Sari", "7", "'quoted"] {
        assert_eq!(Cell::text(harmless), Cell::from(harmless));
        assert_eq!(cells(&csv_text(&COLUMNS, &[row(harmless, 1)]))[1][0], harmless);
    }
}

#[test]
fn typed_cells_stay_as_they_are() {
    let columns: [Column<()>; 5] = [
        ("amount", |()| Money::from_minor(-150).into()),
        ("at", |()| Stamp::from_seconds(0).into()),
        ("day", |()| Some(Stamp::from_seconds(0).day()).into()),
        ("flag", |()| true.into()),
        ("none", |()| None::<u64>.into()),
    ];
    let line = &cells(&csv_text(&columns, &[()]))[1];
    assert_eq!(line, &["-1.50", "1970-01-01T00:00:00.000000Z", "1970-01-01", "true", ""]);
}

#[test]
fn a_file_has_a_safe_name() {
    let response = csv_file("members\"\r\n.csv", String::new());
    assert_eq!(response.headers()["content-type"], "text/csv; charset=utf-8");
    assert_eq!(response.headers()["content-disposition"], "attachment; filename=\"members.csv\"");
}

proptest! {
    #[test]
    fn texts_come_back(name in any::<String>(), points: i64) {
        let read = cells(&csv_text(&COLUMNS, &[row(&name, points)]));
        let shown = &read[1][0];
        prop_assert_eq!(shown.strip_prefix('\'').filter(|_| !name.starts_with('\'')).unwrap_or(shown), &name);
        prop_assert!(!shown.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']));
        prop_assert_eq!(&read[1][1], &points.to_string());
    }
}
