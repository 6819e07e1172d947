//! Ids that lead to their rows, without an index: UUIDs of version 7 whose free bits say where the row is.

use uuid::{Builder, Uuid};
use wire::Stamp;

/// The id that was made at this time and carries these bits, 74 at most. Ids stand in the order of time, and then of
/// their bits.
pub fn leading_id(at: Stamp, free: u128) -> String {
    let millis = u64::try_from(at.micros() / 1000).unwrap_or_default();
    // 12 of the free bits stand before the variant of the UUID, and 62 behind it.
    let bytes = (u128::from(millis) << 80 | (free >> 62) << 64 | free & ((1 << 62) - 1)).to_be_bytes();
    let mut rest = [0; 10];
    rest.copy_from_slice(&bytes[6..]);
    Builder::from_unix_timestamp_millis(millis, &rest).into_uuid().to_string()
}

/// The free bits of an id, if it may be one of ours. Whether there is such a row, only the row can tell.
pub fn free_bits(id: &str) -> Option<u128> {
    let uuid = Uuid::try_parse(id).ok().filter(|uuid| uuid.get_version_num() == 7)?;
    let bits = uuid.as_u128();
    Some((bits >> 64 & 0xfff) << 62 | bits & ((1 << 62) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_carry_their_bits_and_stand_in_order() {
        let all = (1 << 74) - 1;
        let ids: Vec<(u128, String)> = [(50, 0), (50, 1), (50, 1 << 62), (50, all), (51, 0), (51, 7)]
            .map(|(seconds, free)| (free, leading_id(Stamp::from_seconds(seconds), free)))
            .into();
        assert!(ids.is_sorted_by_key(|(_, id)| id), "{ids:?}");
        for (free, id) in &ids {
            assert_eq!(free_bits(id), Some(*free), "{id}");
        }
        assert_eq!(&leading_id(Stamp::from_seconds(1_772_353_800), 7)[14..15], "7", "a UUID of version 7");
    }

    #[test]
    fn strangers_lead_nowhere() {
        for id in ["", "d_1", "550e8400-e29b-41d4-a716-446655440000"] {
            assert_eq!(free_bits(id), None, "{id}");
        }
    }
}
