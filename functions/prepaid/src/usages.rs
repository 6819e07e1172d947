//! Usages: each the record of one use of a voucher.

mod guesses;
pub mod holds;
pub mod http;
pub mod list;
pub mod rollback;
pub mod sought;
pub mod store;
mod view;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use table::{Counts, Key, Row, Tallies};
use wire::Stamp;

use crate::figures::{self, ALL};
use crate::types::{TermsId, VoucherType};
use crate::vouchers::Voucher;

pub use view::UsageView;

/// One use of a voucher. Its id says who used it and where its row stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// The id, which leads to the row.
    pub id: String,
    /// Who used it.
    pub user: u64,
    /// Whose voucher it was.
    pub owner: u64,
    /// The voucher.
    pub voucher_code: String,
    /// What it was sold under.
    pub terms: TermsId,
    /// The name of its type when it was sold.
    pub type_name: String,
    /// For which service.
    pub service_type: String,
    /// What the service notes.
    #[serde(default, with = "table::as_text", skip_serializing_if = "Map::is_empty")]
    pub service_data: Map<String, Value>,
    /// How many uses are left.
    pub left: u32,
    /// When.
    pub used_at: Stamp,
    /// From which address, as the gateway saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
    /// What the client calls itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub user_agent: String,
    /// When it was given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolled_back_at: Option<Stamp>,
}

/// Who uses a voucher, with what.
#[derive(Clone, Debug)]
pub struct By {
    /// The account.
    pub user: u64,
    /// The address, as the gateway sees it.
    pub address: String,
    /// What the client calls itself.
    pub agent: String,
}

impl Usage {
    /// The record of a use that leaves the voucher like this.
    pub fn new(
        after: &Voucher,
        terms: &VoucherType,
        service: &str,
        notes: Map<String, Value>,
        by: &By,
        now: Stamp,
    ) -> Self {
        Self {
            id: crate::ids::fresh(by.user, now),
            user: by.user,
            owner: after.user,
            voucher_code: after.code.clone(),
            terms: after.terms,
            type_name: terms.name.clone(),
            service_type: service.to_owned(),
            service_data: notes,
            left: after.total_uses - after.usage_count,
            used_at: now,
            ip_address: Some(by.address.clone()).filter(|address| !address.is_empty()),
            user_agent: by.agent.chars().take(512).collect(),
            rolled_back_at: None,
        }
    }
}

impl Row for Usage {
    const KIND: &'static str = "usage";

    fn key(&self) -> Key {
        store::usage_key(self.user, &self.id)
    }
}

impl Counts for Usage {
    fn counts(&self) -> Tallies {
        let mut counted = Tallies::default();
        let account = figures::of_account(self.user);
        counted.add(&account, [(figures::REDEEMED, 1)]);
        if self.rolled_back_at.is_none() {
            let of_type = figures::used(self.terms.id);
            for scope in [ALL, &account] {
                counted.add(scope, [(figures::USES, 1), (of_type.as_str(), 1)]);
            }
            counted.add(&figures::of(self.used_at.day()), [(figures::USES, 1)]);
        }
        counted
    }
}

/// That a use was given back, by whom and why. One of a use at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollback {
    /// The use.
    pub usage: String,
    /// Whose use it was.
    pub user: u64,
    /// The voucher.
    pub voucher_code: String,
    /// Who gave it back.
    pub by: u64,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Stamp,
}

impl Row for Rollback {
    const KIND: &'static str = "rollback";

    fn key(&self) -> Key {
        store::rollback_key(self.user, &self.usage)
    }
}
