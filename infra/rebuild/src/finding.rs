//! What counting found.

use std::collections::BTreeMap;
use std::fmt;

use table::{Deltas, Reading};

/// What was found of a scope's figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// They are what the rows come to.
    Right,
    /// They are not.
    Wrong {
        /// The figures, as they were kept while the rows were read.
        kept: Reading,
        /// What they lack.
        lacking: Deltas,
    },
    /// They changed while the rows were read, so that nobody can tell.
    Moving,
    /// No context here knows what counts into them.
    Unknown,
}

impl Finding {
    /// Compares the figures that were kept before and after the rows were read with what these come to.
    pub(crate) fn of(before: Option<&Reading>, after: &Reading, counted: &Deltas) -> Self {
        if before != Some(after) {
            return Self::Moving;
        }
        let names = after.figures.iter().map(|(name, _)| name).chain(counted.keys().map(String::as_str));
        let lacks = |name: &str| counted.get(name).copied().unwrap_or_default() - after.figures.get(name);
        let lacking: Deltas =
            names.map(|name| (name.to_owned(), lacks(name))).filter(|(_, by)| *by != 0).collect();
        if lacking.is_empty() { Self::Right } else { Self::Wrong { kept: after.clone(), lacking } }
    }
}

/// The findings, by scope. Shows itself as lines for the operator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report(pub(crate) BTreeMap<String, Finding>);

impl Report {
    /// Whether all figures are known to be right.
    pub fn is_right(&self) -> bool {
        self.0.values().all(|finding| *finding == Finding::Right)
    }

    /// What was found of a scope, if it was there.
    pub fn of(&self, scope: &str) -> Option<&Finding> {
        self.0.get(scope)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (scope, finding) in &self.0 {
            match finding {
                Finding::Right => writeln!(f, "right    {scope}")?,
                Finding::Moving => writeln!(f, "MOVING   {scope}: it changed whenever the rows were read")?,
                Finding::Unknown => writeln!(f, "UNKNOWN  {scope}: no context tells what counts into it")?,
                Finding::Wrong { kept, lacking } => {
                    for (name, by) in lacking {
                        let kept = kept.figures.get(name);
                        writeln!(
                            f,
                            "WRONG    {scope}: {name} is kept as {kept}, its rows come to {}",
                            kept + by
                        )?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(pairs: &[(&str, i64)]) -> Deltas {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
    }

    fn reading(pairs: &[(&str, i64)]) -> Reading {
        let mut reading = Reading::default();
        for (name, value) in pairs {
            reading.figures.add(name, *value);
        }
        reading
    }

    #[test]
    fn each_name_is_compared_wherever_it_is() {
        let kept = reading(&[("total", 5), ("gone", 0), ("ghosts", 2)]);
        let counted = figures(&[("total", 4), ("blocked", 1)]);
        let Finding::Wrong { lacking, .. } = Finding::of(Some(&kept), &kept, &counted) else {
            panic!("they differ")
        };
        assert_eq!(lacking, figures(&[("total", -1), ("blocked", 1), ("ghosts", -2)]));
        let right = reading(&[("total", 4), ("blocked", 1), ("gone", 0)]);
        assert_eq!(Finding::of(Some(&right), &right, &counted), Finding::Right);
    }

    #[test]
    fn nobody_can_tell_of_figures_that_moved() {
        let (kept, counted) = (reading(&[("total", 4)]), figures(&[("total", 4)]));
        assert_eq!(Finding::of(None, &kept, &counted), Finding::Moving);
        assert_eq!(Finding::of(Some(&reading(&[("total", 3)])), &kept, &counted), Finding::Moving);
    }

    #[test]
    fn a_difference_is_told_in_figures() {
        let kept = reading(&[("total", 5)]);
        let finding = Finding::of(Some(&kept), &kept, &figures(&[("total", 4)]));
        let report = Report(BTreeMap::from([("IDENTITY#ACCOUNTS".to_owned(), finding)]));
        assert!(!report.is_right());
        assert_eq!(
            report.to_string(),
            "WRONG    IDENTITY#ACCOUNTS: total is kept as 5, its rows come to 4\n"
        );
    }
}
