//! Our own failures, which clients never see.

use std::error::Error;
use std::fmt;
use std::panic::Location;

/// Something that went wrong on our side, with the place in the source that noticed it.
///
/// Never shown to a client: it becomes a [`Problem`](crate::Problem) with a general sentence, and the log
/// gets the rest.
pub struct Fault {
    kind: Kind,
    source: Box<dyn Error + Send + Sync>,
    noticed: &'static Location<'static>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bug,
    Busy,
}

impl Fault {
    /// A failure that asking again will not mend.
    #[track_caller]
    pub fn bug(source: impl Into<Box<dyn Error + Send + Sync>>) -> Fault {
        Fault { kind: Kind::Bug, source: source.into(), noticed: Location::caller() }
    }

    /// A failure that is likely to be gone in a moment.
    #[track_caller]
    pub fn busy(source: impl Into<Box<dyn Error + Send + Sync>>) -> Fault {
        Fault { kind: Kind::Busy, source: source.into(), noticed: Location::caller() }
    }

    /// Whether asking again may help.
    pub fn is_busy(&self) -> bool {
        self.kind == Kind::Busy
    }

    /// Where in the source the failure was noticed.
    pub fn noticed(&self) -> &'static Location<'static> {
        self.noticed
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.source)?;
        let mut cause = self.source.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_busy() { "busy" } else { "bug" };
        write!(f, "{kind} at {}: {self}", self.noticed)
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        // `Display` already tells the whole chain; giving the causes again would print them twice.
        None
    }
}
