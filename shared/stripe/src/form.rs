//! Bodies as Stripe reads them: forms, whose nested names stand in brackets.

/// A body under construction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Also this field.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// Also this field, if there is a value.
    pub(crate) fn with_some(self, name: &str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Also these fields below a name: `metadata[payment_id]`.
    pub(crate) fn with_all<'a>(
        self,
        name: &str,
        fields: impl IntoIterator<Item = (&'a String, &'a String)>,
    ) -> Self {
        fields.into_iter().fold(self, |form, (key, value)| form.with(&format!("{name}[{key}]"), value))
    }

    /// The body.
    pub(crate) fn encode(&self) -> String {
        serde_urlencoded::to_string(&self.0).expect("pairs of texts make a form")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn nested_names_stand_in_brackets() {
        let metadata = BTreeMap::from([("payment_id".to_owned(), "5 & 6".to_owned())]);
        let form = Form::default()
            .with("amount", "1999")
            .with_some("receipt_email", Some("rina+1@shop.test"))
            .with_some("description", None::<String>)
            .with_all("metadata", &metadata)
            .with("automatic_payment_methods[enabled]", "true");
        let expected = "amount=1999&receipt_email=rina%2B1%40shop.test&metadata%5Bpayment_id%5D=5+%26+6\
                        &automatic_payment_methods%5Benabled%5D=true";
        assert_eq!(form.encode(), expected);
    }
}
