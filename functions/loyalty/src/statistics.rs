//! Figures on the wire.

use serde::Serialize;
use serde_json::{Map, Value};

/// Figures under the names that we document, and once more in the spelling that older clients read.
pub fn both_spellings(figures: &impl Serialize) -> Value {
    let Ok(Value::Object(figures)) = serde_json::to_value(figures) else { return Value::Null };
    let camel: Map<String, Value> =
        figures.iter().map(|(name, value)| (in_camel_case(name), value.clone())).collect();
    Value::Object(figures.into_iter().chain(camel).collect())
}

fn in_camel_case(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| {
        let mut letters = part.chars();
        let capital = letters.next().map(|letter| letter.to_ascii_uppercase());
        name + &capital.into_iter().chain(letters).collect::<String>()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_figure_has_both_names() {
        let both = both_spellings(&json!({ "total_points_redeemed": 5, "by_tier": { "Gold": 1 } }));
        let expected = json!({
            "total_points_redeemed": 5, "totalPointsRedeemed": 5,
            "by_tier": { "Gold": 1 }, "byTier": { "Gold": 1 },
        });
        assert_eq!(both, expected);
    }
}
