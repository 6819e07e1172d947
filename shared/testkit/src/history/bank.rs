//! What moves and never grows or shrinks.

use super::{Came, Event};

/// Whether all amounts that were seen at one moment always came to the same, however they moved meanwhile.
pub fn conserved<C>(total: i64, events: &[Event<C, Vec<i64>>]) -> Result<(), String> {
    for event in events {
        let Came::Ok(amounts) = &event.came else { continue };
        let sum: i64 = amounts.iter().sum();
        if sum != total {
            return Err(format!("{amounts:?} come to {sum} and not to {total}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(amounts: &[i64]) -> Event<(), Vec<i64>> {
        Event::new(1..=2, (), Came::Ok(amounts.to_vec()))
    }

    #[test]
    fn amounts_that_move_are_conserved() {
        let unknown = Event::new(3..=4, (), Came::Unknown);
        assert_eq!(conserved(10, &[seen(&[10, 0]), seen(&[3, 7]), seen(&[-2, 12]), unknown]), Ok(()));
    }

    #[test]
    fn what_was_taken_and_not_given_is_missed() {
        assert!(conserved(10, &[seen(&[10, 0]), seen(&[3, 0]), seen(&[3, 7])]).is_err());
        assert!(conserved(10, &[seen(&[10, 7])]).is_err());
    }
}
