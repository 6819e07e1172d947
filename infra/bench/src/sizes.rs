//! How large the packages of the functions are.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use local::root;
use template::Template;
use wire::Fault;

use crate::arguments::Arguments;
use crate::figures::{Table, megabytes};
use crate::process::program;

/// The most that a package may have, in bytes.
const LARGEST: u64 = 5_000_000;

/// Packs the program of every function of the template as it is uploaded.
pub fn run(arguments: &Arguments) -> Result<(), Fault> {
    let root = root().ok_or_else(|| Fault::bug("there is no template.yaml here"))?;
    let template = Template::read(&root).map_err(Fault::bug)?;
    let mut table = Table::new(&["function", "MB", "MB zipped"]);
    let mut large = Vec::new();
    for function in template.functions() {
        let content = std::fs::read(program(&arguments.binaries, &function.binary)?).map_err(Fault::bug)?;
        let zipped = zipped(&content)?;
        table.row([function.binary.clone(), megabytes(content.len() as u64), megabytes(zipped)]);
        if zipped > LARGEST {
            large.push(function.binary.as_str());
        }
    }
    println!("{table}");
    if large.is_empty() { Ok(()) } else { Err(Fault::bug(format!("larger than 5 MB: {}", large.join(", ")))) }
}

/// The size of a package with this one file: an archive adds some hundred bytes to it.
fn zipped(content: &[u8]) -> Result<u64, Fault> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).map_err(Fault::bug)?;
    Ok(encoder.finish().map_err(Fault::bug)?.len() as u64 + 300)
}
