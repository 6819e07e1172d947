//! A world for tests: the whole platform in one process, on a table of its own, with time and trouble to order.

mod call;
mod faults;
mod meter;
mod recount;
mod shelf;
mod world;

pub use call::{Answer, Call};
pub use faults::{Fault, Faults};
pub use meter::Cost;
pub use shelf::Shelf;
pub use world::{Settings, World};
