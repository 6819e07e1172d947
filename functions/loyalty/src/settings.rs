//! What a shop decides about its programme.

use std::str::FromStr;

use platform::Env;
use wire::Fault;

/// What a shop decides about its programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The points from which a member is Silver, Gold, Platinum.
    pub thresholds: [i64; 3],
    /// What tiers follow from.
    pub basis: Basis,
    /// How many days earned points last; zero is for ever.
    pub points_expiry_days: i64,
    /// How many hours a redemption may stay pending; zero is for ever.
    pub pending_hours: u64,
}

/// What tiers follow from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// From what a member holds.
    Balance,
    /// From what a member earned in the last so many months, whatever was spent of it.
    Earned {
        /// How many calendar months count, the present one included.
        months: u32,
        /// How many days a tier is kept after it is no longer earned.
        grace: i64,
    },
}

impl Settings {
    /// Reads the function's variables.
    pub fn read(env: &Env) -> Result<Self, Fault> {
        let basis = match env.get("MERCATO_LOYALTY_TIER_BASIS").unwrap_or("balance") {
            "balance" => Basis::Balance,
            "earned" => Basis::Earned {
                months: number(env, "MERCATO_LOYALTY_TIER_MONTHS", 12)?,
                grace: number(env, "MERCATO_LOYALTY_TIER_GRACE_DAYS", 30)?,
            },
            other => return Err(Fault::bug(format!("{other:?} is no basis of tiers: balance or earned"))),
        };
        Ok(Self {
            thresholds: thresholds(env.get("MERCATO_LOYALTY_TIERS").unwrap_or("500,1000,2500"))?,
            basis,
            points_expiry_days: number(env, "MERCATO_LOYALTY_POINTS_EXPIRY_DAYS", 0)?,
            pending_hours: number(env, "MERCATO_LOYALTY_PENDING_HOURS", 0)?,
        })
    }
}

fn number<N: FromStr>(env: &Env, name: &str, default: N) -> Result<N, Fault> {
    let Some(text) = env.get(name) else { return Ok(default) };
    text.parse().map_err(|_| Fault::bug(format!("{name} is {text:?}, which is no number that fits")))
}

fn thresholds(text: &str) -> Result<[i64; 3], Fault> {
    let numbers: Option<Vec<i64>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
    match numbers.as_deref() {
        Some([silver, gold, platinum]) if 0 < *silver && silver < gold && gold < platinum => {
            Ok([*silver, *gold, *platinum])
        }
        _ => Err(Fault::bug(format!("tiers begin at three rising numbers, not at {text:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shop_leaves_open_has_a_default_and_nonsense_does_not_start() {
        let plain = Settings::read(&Env::default()).unwrap();
        let expected = Settings {
            thresholds: [500, 1000, 2500],
            basis: Basis::Balance,
            points_expiry_days: 0,
            pending_hours: 0,
        };
        assert_eq!(plain, expected);
        let earned = Settings::read(&Env::from([
            ("MERCATO_LOYALTY_TIER_BASIS", "earned"),
            ("MERCATO_LOYALTY_TIER_GRACE_DAYS", "7"),
            ("MERCATO_LOYALTY_TIERS", "10, 20, 30"),
        ]));
        let earned = earned.unwrap();
        assert_eq!((earned.basis, earned.thresholds), (Basis::Earned { months: 12, grace: 7 }, [10, 20, 30]));
        for (name, value) in [
            ("MERCATO_LOYALTY_TIERS", "10,20"),
            ("MERCATO_LOYALTY_TIERS", "30,20,10"),
            ("MERCATO_LOYALTY_TIER_BASIS", "luck"),
            ("MERCATO_LOYALTY_PENDING_HOURS", "soon"),
        ] {
            assert!(Settings::read(&Env::from([(name, value)])).is_err(), "{name}={value}");
        }
    }
}
