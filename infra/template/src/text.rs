use std::fmt;

use serde_json::Value;

use crate::scope::only_entry;

/// Text that may name other resources, whose real names only the place knows where they run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Plain(String),
    Named(Reference),
}

/// A resource named in a text, or one of its attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The resource's name in the whole, such as `Data.Table`, or a fact of the place, such as `AWS::Region`.
    pub resource: String,
    /// The attribute, such as `Arn`; none for what the resource is commonly called.
    pub attribute: Option<String>,
}

impl Text {
    /// Reads a folded value.
    pub(crate) fn read(value: &Value) -> Self {
        Self(match (only_entry(value), value) {
            (Some(("Fn::Join", parts)), _) => {
                parts[1].as_array().into_iter().flatten().flat_map(|part| Self::read(part).0).collect()
            }
            (Some(("Ref", name)), _) => vec![Part::named(name, None)],
            (Some(("Fn::GetAtt", path)), _) => vec![Part::named(&path[0], path[1].as_str())],
            (_, Value::String(plain)) => vec![Part::Plain(plain.clone())],
            (_, other) => vec![Part::Plain(other.to_string())],
        })
    }

    /// The text with every reference answered.
    pub fn resolve(&self, answer: impl Fn(&Reference) -> String) -> String {
        let part = |part: &Part| match part {
            Part::Plain(text) => text.clone(),
            Part::Named(reference) => answer(reference),
        };
        self.0.iter().map(part).collect()
    }

    /// The first resource that the text names.
    pub fn reference(&self) -> Option<&Reference> {
        self.0.iter().find_map(|part| match part {
            Part::Named(reference) => Some(reference),
            Part::Plain(_) => None,
        })
    }

    /// The name of a resource of ours that the text names.
    pub fn resource(&self) -> Option<&str> {
        self.reference().map(|reference| reference.resource.as_str())
    }
}

impl Part {
    fn named(resource: &Value, attribute: Option<&str>) -> Self {
        let resource = resource.as_str().unwrap_or_default().to_owned();
        Self::Named(Reference { resource, attribute: attribute.map(str::to_owned) })
    }
}

/// `${Data.Table.Arn}/index/due`: the references as they are written in a template.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.resolve(|reference| format!("${{{reference}}}")))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.resource)?;
        self.attribute.iter().try_for_each(|attribute| write!(f, ".{attribute}"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_names_and_resolves() {
        let join =
            json!({"Fn::Join": ["", [{"Fn::GetAtt": ["Data.Table", "Arn"]}, "/index/", {"Ref": "Name"}]]});
        let text = Text::read(&join);
        assert_eq!(text.to_string(), "${Data.Table.Arn}/index/${Name}");
        assert_eq!(text.resource(), Some("Data.Table"));
        assert_eq!(text.resolve(|of| of.attribute.clone().unwrap_or("due".into())), "Arn/index/due");
        assert_eq!(Text::read(&json!(20)).to_string(), "20");
        assert_eq!(Text::read(&json!("plain")).reference(), None);
    }
}
