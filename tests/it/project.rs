//! The project's files.

use std::path::{Path, PathBuf};

/// The folder of the project.
pub fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Whether the person at the keyboard asked for committed files to be written anew.
pub fn updates(variable: &str) -> bool {
    std::env::var(variable).is_ok_and(|value| value == "1")
}

/// The text of a file, by its path from the root.
#[track_caller]
pub fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A text file of the project.
pub struct File {
    /// Its path from the root, with `/` on every machine.
    pub path: String,
    /// What it says.
    pub text: String,
}

impl File {
    /// What its name ends in.
    pub fn is(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|found| found == extension)
    }

    /// Whether it is part of what runs, and not of what tests it.
    pub fn is_source(&self) -> bool {
        self.is("rs") && self.path.contains("/src/") && !self.path.starts_with("shared/testkit/")
    }

    /// The text before its unit tests.
    pub fn code(&self) -> &str {
        self.text.split("#[cfg(test)]").next().unwrap_or_default()
    }
}

/// Every text file that people write, in order. What is built, kept or generated is not among them.
pub fn files() -> Vec<File> {
    const WRITTEN: [&str; 8] = ["rs", "md", "toml", "yaml", "yml", "json", "txt", "sh"];
    let mut files = Vec::new();
    walk(&root(), &mut |path| {
        let written =
            path.extension().and_then(|found| found.to_str()).is_some_and(|found| WRITTEN.contains(&found));
        let known = path.file_name().is_some_and(|name| name == "Makefile");
        if let Ok(text) = std::fs::read_to_string(path)
            && (written || known)
        {
            let path = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
            files.push(File { path, text });
        }
    });
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn walk(folder: &Path, visit: &mut impl FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        let name = name.to_str().unwrap();
        if entry.file_type().unwrap().is_dir() {
            let skipped =
                matches!(name, "target" | "node_modules") || (name.starts_with('.') && name != ".github");
            if !skipped {
                walk(&entry.path(), visit);
            }
        } else {
            visit(&entry.path());
        }
    }
}
