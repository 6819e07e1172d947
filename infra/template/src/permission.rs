use serde_json::Value;

use crate::resource::{items, strings};
use crate::{Mistake, Resources, Text};

/// One statement of a function's role: what it may do, and to what.
#[derive(Debug, Clone, PartialEq)]
pub struct Permission {
    /// The statement's own name.
    pub name: String,
    /// The actions, such as `dynamodb:Query`.
    pub actions: Vec<String>,
    /// What the actions may be done to.
    pub resources: Vec<Text>,
    /// The partitions it is held to, such as `IDENTITY#*`; empty if the statement names none.
    pub leading_keys: Vec<String>,
    /// Whether a request that names no partition at all is refused.
    pub key_required: bool,
    /// All its conditions, as they are written.
    pub conditions: Value,
}

impl Permission {
    /// Reads a statement that allows something; ours never deny, since what is not allowed is denied.
    fn read(statement: &Value) -> Option<Self> {
        if statement["Effect"] != "Allow" {
            return None;
        }
        let conditions = &statement["Condition"];
        Some(Self {
            name: statement["Sid"].as_str().unwrap_or_default().to_owned(),
            actions: strings(&statement["Action"]),
            resources: items(&statement["Resource"]).map(Text::read).collect(),
            leading_keys: strings(&conditions["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]),
            key_required: conditions["Null"]["dynamodb:LeadingKeys"] == "false",
            conditions: conditions.clone(),
        })
    }

    /// Whether it allows an action on one partition of the table, or of one of its indexes.
    pub fn admits(&self, action: &str, index: Option<&str>, partition: &str) -> bool {
        self.actions.iter().any(|allowed| allowed == action)
            && self.resources.iter().any(|resource| reaches(resource, index))
            && self.leading_keys.iter().any(|allowed| like(allowed, partition))
    }

    /// The indexes it reaches, as patterns such as `gsi*`.
    pub fn indexes(&self) -> Vec<String> {
        self.behind("/index/")
    }

    /// The parameters it reaches, as patterns such as `/mercato/dev/shared/*`.
    pub fn parameters(&self) -> Vec<String> {
        self.behind(":parameter").into_iter().filter(|path| path.starts_with('/')).collect()
    }

    /// The queues it may send to, by their names in the whole.
    pub fn sends_to(&self) -> Vec<&str> {
        let sends = self.actions.iter().any(|action| action == "sqs:SendMessage");
        self.resources.iter().filter(|_| sends).filter_map(Text::resource).collect()
    }

    /// Whether it allows any action of a service, such as `ses`.
    pub fn concerns(&self, service: &str) -> bool {
        self.actions.iter().any(|action| action.split(':').next() == Some(service))
    }

    fn behind(&self, mark: &str) -> Vec<String> {
        let rest = |text: &Text| text.to_string().split_once(mark).map(|(_, rest)| rest.to_owned());
        self.resources.iter().filter_map(rest).collect()
    }
}

/// What the role `id` permits.
pub(crate) fn of_role(id: &str, resources: &Resources) -> Result<Vec<Permission>, Mistake> {
    let role = resources.get(id).ok_or_else(|| Mistake::at(id, "there is no such role"))?;
    let policies = items(&role.properties["Policies"]);
    let statements = policies.flat_map(|policy| items(&policy["PolicyDocument"]["Statement"]));
    let allowed = |statement| Permission::read(statement).ok_or_else(|| Mistake::at(id, "it may only allow"));
    statements.map(allowed).collect()
}

fn reaches(resource: &Text, index: Option<&str>) -> bool {
    let resource = resource.to_string();
    match (index, resource.split_once("/index/")) {
        (None, None) => true,
        (Some(index), Some((_, pattern))) => like(pattern, index),
        _ => false,
    }
}

/// IAM's `StringLike`: `*` stands for anything, and `?` for one letter.
pub fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut retry = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                retry = Some((p, t));
                p += 1;
            }
            Some(letter) if *letter == b'?' || *letter == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((star, from)) => {
                    retry = Some((star, from + 1));
                    p = star + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|letter| *letter == b'*')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn star_and_question_mark_match_as_in_iam() {
        for (pattern, text, expected) in [
            ("SEARCH#IDENTITY#*", "SEARCH#IDENTITY#anna", true),
            ("SEARCH#IDENTITY#*", "SEARCH#IDENTITY#", true),
            ("SEARCH#IDENTITY#*", "SEARCH#CRM#anna", false),
            ("*", "", true),
            ("a*b*c", "a--b-bc", true),
            ("a*b*c", "a--b-b", false),
            ("a*c*", "abcd", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("due", "due", true),
            ("due", "dues", false),
        ] {
            assert_eq!(like(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_permission_admits_its_own_partitions_only() {
        let table = json!({"Fn::GetAtt": ["Data.Table", "Arn"]});
        let permission = Permission::read(&json!({
            "Sid": "OwnRows", "Effect": "Allow",
            "Action": "dynamodb:Query",
            "Resource": [table, {"Fn::Join": ["", [table, "/index/gsi*"]]}],
            "Condition": {
                "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["CRM#*"]},
                "Null": {"dynamodb:LeadingKeys": "false"},
            },
        }))
        .unwrap();
        assert!(permission.key_required);
        assert_eq!(permission.indexes(), ["gsi*"]);
        assert!(permission.admits("dynamodb:Query", None, "CRM#ORDER#1"));
        assert!(permission.admits("dynamodb:Query", Some("gsi2"), "CRM#OPEN"));
        assert!(!permission.admits("dynamodb:Query", Some("due"), "CRM#OPEN"));
        assert!(!permission.admits("dynamodb:Query", None, "CREDENTIAL#1"));
        assert!(!permission.admits("dynamodb:PutItem", None, "CRM#ORDER#1"));
    }

    #[test]
    fn parameters_and_queues_are_found() {
        let read = Permission::read(&json!({
            "Effect": "Allow", "Action": ["ssm:GetParameters"],
            "Resource": {"Fn::Join": ["", [{"Ref": "AWS::Partition"}, ":parameter/mercato/dev/shared/*"]]},
        }))
        .unwrap();
        assert_eq!(read.parameters(), ["/mercato/dev/shared/*"]);
        let send = Permission::read(&json!({
            "Effect": "Allow",
            "Action": ["sqs:SendMessage"],
            "Resource": {"Fn::GetAtt": ["MailQueue.Queue", "Arn"]},
        }))
        .unwrap();
        assert_eq!(send.sends_to(), ["MailQueue.Queue"]);
        assert!(send.concerns("sqs") && !send.concerns("ses") && read.sends_to().is_empty());
    }

    #[test]
    fn a_denial_is_not_taken_for_a_permission() {
        assert_eq!(
            Permission::read(&json!({"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"})),
            None
        );
    }
}
