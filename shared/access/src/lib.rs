//! Who may do what: tokens, live principals, policies and limits.

mod contact;
mod crypto;
mod document;
pub mod figures;
mod gate;
mod keyring;
mod opaque;
mod policy;
mod principal;
mod routes;
mod throttle;
mod token;

pub use contact::{Contact, contact};
pub use crypto::{can_sign, install as install_crypto};
pub use gate::{Address, Caller, Gate, Visit};
pub use keyring::{Keyring, PublicKey, PublicKeys};
pub use opaque::Opaque;
pub use policy::{Policy, remember_route};
pub use principal::{Context, PLATFORM, Principal, Status};
pub use routes::{Route, Routes};
pub use throttle::Limits;
pub use token::{AUDIENCE, Claims, Kind, issuer};

/// The kinds of rows by which everybody knows who somebody is. Identity reads more of an account's.
pub const KINDS: [table::Kind; 3] =
    [table::Kind::of::<Principal>(), table::Kind::of::<Contact>(), table::Kind::of::<Opaque>()];

// For what `routes!` writes.
#[doc(hidden)]
pub use utoipa_axum;
