use std::fmt;

/// Why a template cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    place: String,
    what: String,
}

impl Mistake {
    /// Something wrong at a file or a resource.
    pub(crate) fn at(place: impl fmt::Display, what: impl fmt::Display) -> Self {
        Self { place: place.to_string(), what: what.to_string() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

impl std::error::Error for Mistake {}
