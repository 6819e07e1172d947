//! A world for tests: the whole platform in one process, on a table of its own, with time and trouble to order.

mod bad_days;
mod call;
mod capture;
mod days;
mod delivery;
mod faults;
pub mod history;
pub mod lists;
mod lives;
mod meter;
mod people;
mod recount;
mod shapes;
mod shelf;
mod world;

pub use bad_days::{STORM, TROUBLE, bad_days};
pub use call::{Answer, Call, patiently};
pub use capture::invoke;
pub use delivery::Delivery;
pub use faults::{Fault, Faults};
pub use lives::{chosen, lives};
pub use local::Extras;
pub use meter::Cost;
pub use people::{PASSWORD, Person};
pub use recount::Sold;
pub use shapes::{assert_lists, assert_says, with, without};
pub use shelf::Shelf;
pub use standins::ses::MailRules;
pub use standins::stripe;
pub use world::{Settings, World};
