//! What each principal may do, as IAM would have it.

use std::collections::HashMap;

use template::like;

/// The statements of every known principal.
///
/// The access key id of a request names its principal. Where a principal is unknown, everything is allowed -
/// that is a person with the AWS command line - unless the policies are strict.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    statements: HashMap<String, Vec<Statement>>,
    strict: bool,
}

/// Allows some actions on some resources.
///
/// Resources are leading keys (`IDENTITY#*`) for `dynamodb:` actions and parameter paths
/// (`/mercato/dev/shared/*`) for `ssm:` actions. In both lists `*` stands for anything and `?` for one
/// letter.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Such as `dynamodb:GetItem` or `ssm:*`.
    pub actions: Vec<String>,
    /// Leading keys or parameter paths.
    pub resources: Vec<String>,
}

impl Statement {
    /// Allows these actions on these resources.
    pub fn allow<A: Into<String>, R: Into<String>>(
        actions: impl IntoIterator<Item = A>,
        resources: impl IntoIterator<Item = R>,
    ) -> Statement {
        Statement {
            actions: actions.into_iter().map(Into::into).collect(),
            resources: resources.into_iter().map(Into::into).collect(),
        }
    }

    fn allows(&self, action: &str, resource: &str) -> bool {
        self.actions.iter().any(|pattern| like(pattern, action))
            && self.resources.iter().any(|pattern| like(pattern, resource))
    }
}

impl Policies {
    /// No principal is known yet, and everything is allowed.
    pub fn open() -> Policies {
        Policies::default()
    }

    /// Makes a principal known and holds it to these statements; more of them add up.
    pub fn hold(
        mut self,
        principal: impl Into<String>,
        statements: impl IntoIterator<Item = Statement>,
    ) -> Policies {
        self.statements.entry(principal.into()).or_default().extend(statements);
        self
    }

    /// Denies everything to principals that are not known.
    pub fn strict(mut self) -> Policies {
        self.strict = true;
        self
    }

    /// Whether this principal is held to statements at all, so that its request has to be looked into.
    pub(crate) fn restrict(&self, principal: &str) -> bool {
        self.strict || self.statements.contains_key(principal)
    }

    /// Whether one single statement allows the action on every one of the resources, as IAM asks of a
    /// request.
    pub(crate) fn allow(&self, principal: &str, action: &str, resources: &[impl AsRef<str>]) -> bool {
        if !self.restrict(principal) {
            return true;
        }
        self.statements.get(principal).is_some_and(|statements| {
            statements
                .iter()
                .any(|statement| resources.iter().all(|resource| statement.allows(action, resource.as_ref())))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_one_request_must_fit_one_statement() {
        let policies = Policies::open().hold(
            "f",
            [Statement::allow(["dynamodb:Batch*"], ["A#*"]), Statement::allow(["dynamodb:Batch*"], ["B#*"])],
        );
        let allow = |keys: &[&str]| policies.allow("f", "dynamodb:BatchGetItem", keys);
        assert!(allow(&["A#1", "A#2"]));
        assert!(!allow(&["A#1", "B#1"]));
        assert!(policies.allow("somebody", "dynamodb:Scan", &["anything"]));
        assert!(!policies.strict().allow("somebody", "dynamodb:Scan", &["anything"]));
    }
}
