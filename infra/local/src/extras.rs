//! What a cloud has beyond its template: for tests of what the template will have one day.

use std::collections::BTreeMap;
use std::time::Duration;

use standins::ses::MailRules;
use standins::sqs::{QueueSpec, Queues};

/// The variable that names the work queues.
const WORK_QUEUES: &str = "MERCATO_WORK_QUEUES";

/// What a cloud has beyond its template.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// The contexts that have a work queue. Every function that is told of work queues is told of theirs.
    pub work_queues: &'static [&'static str],
    /// What mail is accepted.
    pub mail: MailRules,
    /// Variables that differ: every function that is told of one is told this of it.
    pub variables: &'static [(&'static str, &'static str)],
}

/// What a queue such as `mail` is called here: as the template calls it.
pub fn queue(name: &str) -> String {
    format!("mercato-local-{name}")
}

impl Extras {
    /// The queues to be made.
    pub(crate) fn queues(&self) -> impl Iterator<Item = QueueSpec> {
        let spec = |context: &&str| QueueSpec {
            name: queue(context),
            visibility: Duration::from_mins(3),
            dead_letter: None,
        };
        self.work_queues.iter().map(spec)
    }

    /// Tells a function of the queues, if it is told of any, and of what differs.
    pub(crate) fn tell(&self, variables: &mut BTreeMap<String, String>, queues: &Queues) {
        for (name, value) in self.variables {
            if let Some(told) = variables.get_mut(*name) {
                (*value).clone_into(told);
            }
        }
        if let Some(listed) = variables.get_mut(WORK_QUEUES) {
            let more =
                self.work_queues.iter().map(|context| format!("{context}={}", queues.url(&queue(context))));
            let known = Some(listed.clone()).filter(|listed| !listed.is_empty());
            *listed = known.into_iter().chain(more).collect::<Vec<_>>().join(",");
        }
    }
}
