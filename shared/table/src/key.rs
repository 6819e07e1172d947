//! Keys of items and their places in the indexes.

use std::fmt;

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;

use crate::Item;

/// The primary key of an item.
///
/// Always made by a key function in a `store.rs`; elsewhere a string never becomes a key.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    pk: String,
    sk: String,
}

impl Key {
    /// The key with this partition and sort key.
    pub fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    /// The partition key.
    pub fn pk(&self) -> &str {
        &self.pk
    }

    /// The sort key.
    pub fn sk(&self) -> &str {
        &self.sk
    }

    pub(crate) fn attributes(&self) -> Item {
        Item::from([
            ("pk".to_owned(), AttributeValue::S(self.pk.clone())),
            ("sk".to_owned(), AttributeValue::S(self.sk.clone())),
        ])
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.pk, self.sk)
    }
}

/// What stands in a key or a row for a text that must not be read there, such as a secret or an address: its SHA-256.
pub fn digest(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_ref()))
}

/// An index of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Index {
    /// The first overloaded index.
    Gsi1,
    /// The second overloaded index.
    Gsi2,
    /// The third overloaded index.
    Gsi3,
    /// The fourth overloaded index.
    Gsi4,
    /// The sparse index of what is due.
    Due,
}

impl Index {
    /// The name of the index.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gsi1 => "gsi1",
            Self::Gsi2 => "gsi2",
            Self::Gsi3 => "gsi3",
            Self::Gsi4 => "gsi4",
            Self::Due => "due",
        }
    }

    /// The attribute that holds the partition key.
    pub fn pk(self) -> &'static str {
        match self {
            Self::Gsi1 => "gsi1pk",
            Self::Gsi2 => "gsi2pk",
            Self::Gsi3 => "gsi3pk",
            Self::Gsi4 => "gsi4pk",
            Self::Due => "duepk",
        }
    }

    /// The attribute that holds the sort key.
    pub fn sk(self) -> &'static str {
        match self {
            Self::Gsi1 => "gsi1sk",
            Self::Gsi2 => "gsi2sk",
            Self::Gsi3 => "gsi3sk",
            Self::Gsi4 => "gsi4sk",
            Self::Due => "duesk",
        }
    }
}

/// Where a row stands in the indexes; computed from the row, never set by callers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places(Vec<(Index, Key)>);

impl Places {
    /// In no index.
    pub fn none() -> Self {
        Self::default()
    }

    /// Also in `index`, under this partition and sort key.
    pub fn at(mut self, index: Index, pk: impl Into<String>, sk: impl Into<String>) -> Self {
        self.0.push((index, Key::new(pk, sk)));
        self
    }

    pub(crate) fn attributes(self) -> impl Iterator<Item = (String, AttributeValue)> {
        self.0.into_iter().flat_map(|(index, key)| {
            [
                (index.pk().to_owned(), AttributeValue::S(key.pk)),
                (index.sk().to_owned(), AttributeValue::S(key.sk)),
            ]
        })
    }
}

/// One of `count` partitions for `id`: spreads a collection of many writes, the same way every time.
pub fn spread(id: &str, count: u32) -> u32 {
    // FNV-1a: stable across builds, which the standard hasher does not promise.
    let hash =
        id.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash % count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_sha_256_in_letters_that_keys_and_addresses_may_have() {
        // The first of the examples of FIPS 180-4.
        assert_eq!(digest("abc"), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
        assert_ne!(digest("abc"), digest("abd"));
    }
}
