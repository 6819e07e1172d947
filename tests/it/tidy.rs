//! Rules about our own files. Each says what it is for; none may be talked out of in a review.

mod layers;

use std::collections::BTreeSet;

use crate::project::{File, files, read, root};

/// Longer files than this are two files.
const LONGEST: usize = 400;

/// The files that are longer all the same: this list may only shrink.
const LONGER: &str = "tests/it/tidy-exceptions.txt";

/// What is written here must not look like what it looks for.
const UNFINISHED: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];

/// The rule holds for every file of the project.
#[track_caller]
fn holds(rule: impl Fn(&File) -> Option<String>) {
    let broken: Vec<String> =
        files().iter().filter_map(|file| rule(file).map(|what| format!("{}: {what}", file.path))).collect();
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn files_are_short() {
    let known = read(LONGER);
    let known: BTreeSet<&str> =
        known.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let long = |file: &File| {
        ["rs", "md", "yaml", "yml"].iter().any(|kind| file.is(kind)) && file.text.lines().count() > LONGEST
    };
    holds(|file| {
        (long(file) && !known.contains(file.path.as_str())).then(|| format!("is longer than {LONGEST} lines"))
    });
    let long: BTreeSet<String> = files().into_iter().filter(long).map(|file| file.path).collect();
    let unused: Vec<&&str> = known.iter().filter(|path| !long.contains(**path)).collect();
    assert!(unused.is_empty(), "{LONGER} may only shrink: take out {unused:?}");
}

#[test]
fn nothing_is_left_for_later() {
    let words = |text: &str| {
        let words: BTreeSet<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        UNFINISHED.into_iter().find(|word| words.contains(word))
    };
    holds(|file| words(&file.text).map(|word| format!("says {word}: finish it, or leave it out")));
}

#[test]
fn nothing_speaks_of_somebodys_machine() {
    let places = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("shared/", "design"),
        concat!("shared/", "contracts"),
    ];
    holds(|file| {
        places.into_iter().find(|place| file.text.contains(place)).map(|place| format!("mentions {place}"))
    });
}

#[test]
fn nothing_looks_like_a_secret() {
    holds(|file| secret(&file.text).map(|what| format!("has what looks like {what}")));
}

/// What looks like a secret, if anything does.
fn secret(text: &str) -> Option<&'static str> {
    let words = || text.split(|c: char| !(c.is_ascii_alphanumeric() || "-_+/=.".contains(c)));
    let alphanumeric = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let begins =
        |prefix: &str, least: usize| words().any(|word| word.starts_with(prefix) && word.len() >= least);
    let looks = [
        (
            "an AWS key",
            words()
                .any(|word| word.starts_with(concat!("AK", "IA")) && word.len() == 20 && alphanumeric(word)),
        ),
        ("a private key", text.contains(concat!("PRIVATE", " KEY-----"))),
        ("a token of GitHub", begins(concat!("gh", "p_"), 36) || begins(concat!("github", "_pat_"), 40)),
        ("a key of Stripe", begins(concat!("sk", "_live_"), 20)),
        // Two dots, and a header that begins as every JSON object in base64 does.
        (
            "a token of ours",
            words().any(|word| {
                word.starts_with(concat!("ey", "J")) && word.len() > 100 && word.matches('.').count() == 2
            }),
        ),
    ];
    looks.into_iter().find(|(_, found)| *found).map(|(what, _)| what)
}

#[test]
fn secrets_are_noticed() {
    let noticed = [
        (format!("key = {}{}", concat!("AK", "IA"), "ABCDEFGHIJKLMNOP"), Some("an AWS key")),
        (format!("-----BEGIN {}", concat!("PRIVATE", " KEY-----")), Some("a private key")),
        (
            format!("Bearer {}{}.{}.sig", concat!("ey", "J"), "a".repeat(60), "b".repeat(60)),
            Some("a token of ours"),
        ),
        ("an ordinary sentence, with a path/of/parts.".to_owned(), None),
    ];
    for (text, expected) in noticed {
        assert_eq!(secret(&text), expected, "{text}");
    }
}

#[test]
fn every_part_introduces_itself() {
    for folder in ["functions", "shared"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let path = format!("{folder}/{name}/README.md");
            let readme = read(&path);
            let mut lines = readme.lines().filter(|line| !line.is_empty());
            assert_eq!(
                lines.next(),
                Some(format!("# {name}").as_str()),
                "{path} begins with the part's name"
            );
            let first = lines.next().unwrap_or_default();
            assert!(
                first.starts_with(char::is_uppercase),
                "{path} says in a sentence what the part does: {first:?}"
            );
            let tabled =
                |wanted: &str| readme.lines().any(|line| line.starts_with('|') && line.contains(wanted));
            let stores = files().iter().any(|file| {
                file.path.starts_with(&format!("functions/{name}/src/")) && file.code().contains("Key::new")
            });
            if folder == "functions" && stores {
                assert!(tabled("key"), "{path} has no table of keys, though the function has some");
            }
            if folder == "shared" {
                assert!(tabled("|") || readme.contains("\n- "), "{path} has no map of what is where");
            }
        }
    }
}

/// Where the profile leaves any of it open, cargo-lambda decides, and would have panics end the process.
#[test]
fn how_functions_are_built_is_said() {
    let manifest = read("Cargo.toml");
    let (_, profile) = manifest.split_once("\n[profile.release]\n").expect("there is a release profile");
    let profile = profile.split("\n[").next().unwrap_or_default();
    for said in ["panic = \"unwind\"", "lto = ", "codegen-units = ", "strip = "] {
        assert!(
            profile.lines().any(|line| line.starts_with(said)),
            "the release profile does not say {said}"
        );
    }
}
