//! Why a transaction was cancelled.

use aws_sdk_dynamodb::types::CancellationReason;

use crate::tx::Otherwise;
use crate::{Item, Tx};

/// What the reasons of a cancelled transaction come to.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict<'a, R> {
    Repeat(Item),
    Otherwise(&'a Otherwise<R>),
    Conflict,
    Throttled,
    Broken,
}

/// Reads the reasons of a cancelled transaction, which come in the order of its steps.
///
/// A repeat of an answered request beats a refusal, since the first sending may be why the condition fails now.
/// A refusal beats a conflict: trying again cannot help. Only a list of nothing but conflicts is tried again.
pub(crate) fn judge<'a, R>(tx: &'a Tx<R>, reasons: &[CancellationReason]) -> Verdict<'a, R> {
    let code = |reason: &CancellationReason| reason.code().unwrap_or("None").to_owned();
    let failed = |reason: &CancellationReason| code(reason) == "ConditionalCheckFailed";
    if tx.answered.is_some()
        && let Some(item) =
            reasons.last().filter(|reason| failed(reason)).and_then(|reason| reason.item.clone())
    {
        return Verdict::Repeat(item);
    }
    // The twin of an answered request is at work on this very answer: what it leaves is worth another look.
    if tx.answered.is_some() && reasons.last().is_some_and(|reason| code(reason) == "TransactionConflict") {
        return Verdict::Conflict;
    }
    if let Some((step, _)) = tx.steps.iter().zip(reasons).find(|(_, reason)| failed(reason)) {
        return Verdict::Otherwise(&step.otherwise);
    }
    let mut bad = reasons.iter().map(code).filter(|code| code != "None").peekable();
    let throttling = ["ThrottlingError", "ProvisionedThroughputExceeded"];
    if bad.peek().is_none() {
        return Verdict::Broken;
    }
    let codes: Vec<String> = bad.collect();
    if codes.iter().all(|code| code == "TransactionConflict") {
        Verdict::Conflict
    } else if codes.iter().all(|code| code == "TransactionConflict" || throttling.contains(&code.as_str())) {
        Verdict::Throttled
    } else {
        Verdict::Broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tx::{Step, Write};
    use crate::{Condition, Key};
    use aws_sdk_dynamodb::types::AttributeValue;

    fn tx(answered: bool) -> Tx<&'static str> {
        let step = |refusal| Step {
            write: Write::Check { key: Key::new("A#1", "A"), condition: Condition::exists() },
            otherwise: refusal,
        };
        let mut tx = Tx::new();
        tx.steps =
            vec![step(Otherwise::Refused("one")), step(Otherwise::Refused("two")), step(Otherwise::Stale)];
        if answered {
            let once =
                crate::Once::new("x", "y", "POST", "/z", "k", &serde_json::Map::new(), wire::Stamp::MIN);
            tx.answered = Some(once.answer(http::StatusCode::OK, &1).unwrap());
        }
        tx
    }

    fn reasons(codes: &str) -> Vec<CancellationReason> {
        codes
            .chars()
            .map(|code| {
                let reason = CancellationReason::builder();
                match code {
                    'F' => reason.code("ConditionalCheckFailed").item("pk", AttributeValue::S("A".into())),
                    'C' => reason.code("TransactionConflict"),
                    'T' => reason.code("ThrottlingError"),
                    'V' => reason.code("ValidationError"),
                    _ => reason.code("None"),
                }
                .build()
            })
            .collect()
    }

    #[test]
    fn reasons_are_read_by_position_and_rank() {
        let plain = tx(false);
        let refused = |name| {
            Verdict::Otherwise(if name == "one" {
                &plain.steps[0].otherwise
            } else {
                &plain.steps[1].otherwise
            })
        };
        assert_eq!(judge(&plain, &reasons("F..")), refused("one"));
        assert_eq!(judge(&plain, &reasons(".F.")), refused("two"));
        assert_eq!(judge(&plain, &reasons("CF.")), refused("two"), "a refusal beats a conflict");
        assert_eq!(judge(&plain, &reasons("FF.")), refused("one"), "the first refusal speaks");
        assert_eq!(judge(&plain, &reasons("..F")), Verdict::Otherwise(&Otherwise::Stale));
        assert_eq!(judge(&plain, &reasons("C.C")), Verdict::Conflict);
        assert_eq!(judge(&plain, &reasons("CT.")), Verdict::Throttled);
        assert_eq!(judge(&plain, &reasons("CV.")), Verdict::Broken);
        assert_eq!(judge(&plain, &reasons("...")), Verdict::Broken);
        assert_eq!(judge(&plain, &[]), Verdict::Broken);
    }

    #[test]
    fn a_repeat_beats_a_refusal() {
        assert!(matches!(judge(&tx(true), &reasons("F..F")), Verdict::Repeat(_)));
        assert!(matches!(judge(&tx(true), &reasons("F...")), Verdict::Otherwise(_)));
        assert_eq!(judge(&tx(true), &reasons("F..C")), Verdict::Conflict, "its twin is at work");
    }
}
