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
pub use policy::Policy;
pub use principal::{Context, PLATFORM, Principal, Status};
pub use routes::{Route, Routes};
pub use throttle::Limits;
pub use token::{AUDIENCE, Claims, Kind, issuer};

// For what `routes!` writes.
#[doc(hidden)]
pub use utoipa_axum;
