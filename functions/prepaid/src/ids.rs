//! Ids that lead to rows.

use table::{free_bits, leading_id};
use wire::Stamp;

/// How many bits of an id tell whose row it is; numbers of accounts have 53.
const ACCOUNT_BITS: u32 = 53;

/// How many bits are chance.
const CHANCE_BITS: u32 = 21;

/// The partition of everything that belongs to one account.
pub fn account_partition(account: u64) -> String {
    format!("PREPAID#USER#{account:016}")
}

/// A new id for a row of this account, by which alone the row is read from the partition of the account.
///
/// The ids of one account stand in the order of time.
pub fn fresh(account: u64, now: Stamp) -> String {
    written(account, now, fastrand::u32(0..1 << CHANCE_BITS))
}

fn written(account: u64, at: Stamp, chance: u32) -> String {
    let account = u128::from(account & ((1 << ACCOUNT_BITS) - 1));
    leading_id(at, account << CHANCE_BITS | u128::from(chance))
}

/// Whose row this is, if it is an id of ours. Whether there is such a row, only the row can tell.
pub fn account_of(id: &str) -> Option<u64> {
    u64::try_from(free_bits(id)? >> CHANCE_BITS).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_of_one_account_stand_in_the_order_of_time() {
        let ids: Vec<String> =
            (0..50).map(|second| fresh(7, Stamp::from_seconds(1_772_353_800 + second))).collect();
        assert!(ids.is_sorted(), "{ids:?}");
        assert_eq!(&ids[0][14..15], "7", "a UUID of version 7");
    }

    #[test]
    fn strangers_lead_nowhere() {
        for id in ["", "d_1", "550e8400-e29b-41d4-a716-446655440000"] {
            assert_eq!(account_of(id), None, "{id}");
        }
    }

    proptest! {
        #[test]
        fn an_id_leads_to_its_account(
            account in 0..1_u64 << ACCOUNT_BITS,
            seconds in 0..4_000_000_000_i64,
            chance in 0..1_u32 << CHANCE_BITS,
        ) {
            let id = written(account, Stamp::from_seconds(seconds), chance);
            prop_assert_eq!(account_of(&id), Some(account));
        }
    }
}
