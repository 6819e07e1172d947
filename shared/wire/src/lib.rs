//! DRF on the wire: what requests and answers look like, without any of AWS.

mod body;
mod choice;
mod csv;
mod device;
mod fault;
mod fields;
mod id;
mod input;
mod messages;
mod money;
mod number;
mod page;
mod path;
mod problem;
mod query;
mod schema;
mod success;
mod text;
mod time;

pub use body::{Body, MAX_BODY, Sent};
pub use choice::Choice;
pub use csv::{Cell, Column, csv_file, csv_text};
pub use device::Device;
pub use fault::Fault;
pub use fields::{Field, Fields, Given, Object};
pub use id::Id;
pub use input::{Input, read_object};
pub use messages::{FieldErrors, Messages, NON_FIELD};
pub use money::{Money, NotMoney};
pub use number::{Amount, Whole};
pub use page::{Links, Page, PageLimits, PageQuery, Place, origin};
pub use path::{ClientUri, normalise, normalise_request};
pub use problem::{Problem, Reply, reshape};
pub use query::{Filters, Query};
pub use schema::Patch;
pub use success::{Done, Success, SuccessPage, Unsuccessful, unsuccessful};
pub use text::{Checked, Email, Phone, Prose, Rule, Secret, Text, Username, WebAddress, folded};
pub use time::{Clock, Day, NotATime, Stamp};

// What `input!` writes names these.
#[doc(hidden)]
pub use input::{Property, object_schema, property, read_nested};
#[doc(hidden)]
pub use {serde_json, utoipa};
