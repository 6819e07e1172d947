//! Rebuilding what is kept besides rows, in worlds of their own.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

mod days;
mod figures;
mod words;

use std::time::Duration;

use rebuild::Rebuild;
use testkit::World;

/// The tool on a world's table, where writes appear at once.
fn rebuild(world: &World) -> Rebuild {
    Rebuild::open(&world.console(), Duration::ZERO).unwrap()
}
