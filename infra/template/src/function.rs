use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::permission::{like, of_role};
use crate::resource::number;
use crate::source::target;
use crate::{
    EventRule, Mistake, Permission, QueueSource, Reference, Resource, Resources, Route, Schedule,
    StreamSource, Text, route,
};

/// One Lambda function.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Its name in the template.
    pub id: String,
    /// The name it is deployed with.
    pub name: Text,
    /// The binary it runs.
    pub binary: String,
    /// How long one call may take.
    pub timeout: Duration,
    /// Memory in MB.
    pub memory: u64,
    /// Its environment variables.
    pub environment: BTreeMap<String, Text>,
    /// The alias that callers call.
    pub alias: Option<String>,
    /// The role it runs as.
    pub role: String,
    /// What that role permits.
    pub permissions: Vec<Permission>,
    /// The routes that lead to it.
    pub routes: Vec<Route>,
    /// The queues that feed it.
    pub queues: Vec<QueueSource>,
    /// The streams that feed it.
    pub streams: Vec<StreamSource>,
    /// The schedules that call it.
    pub schedules: Vec<Schedule>,
    /// The event rules that call it.
    pub rules: Vec<EventRule>,
    /// The queue for events of schedules and rules that it failed at.
    pub dead_letters: Option<String>,
}

impl Function {
    /// Its environment, with every reference answered.
    pub fn variables(&self, answer: impl Fn(&Reference) -> String) -> BTreeMap<String, String> {
        self.environment.iter().map(|(name, value)| (name.clone(), value.resolve(&answer))).collect()
    }

    /// Whether it may do something to one partition of the table, or of one of its indexes.
    pub fn may(&self, action: &str, index: Option<&str>, partition: &str) -> bool {
        self.permissions.iter().any(|permission| permission.admits(action, index, partition))
    }

    /// Whether it may read a parameter.
    pub fn may_read(&self, parameter: &str) -> bool {
        let allowed = self.permissions.iter().flat_map(Permission::parameters);
        allowed.into_iter().any(|pattern| like(&pattern, parameter))
    }

    /// Whether it may send to a queue.
    pub fn may_send(&self, queue: &str) -> bool {
        self.permissions.iter().any(|permission| permission.sends_to().contains(&queue))
    }

    fn read(id: &str, resource: &Resource, resources: &Resources) -> Result<Self, Mistake> {
        let missing = |what: &str| Mistake::at(id, format!("has no {what}"));
        let properties = &resource.properties;
        let binary = resource.metadata["BuildProperties"]["Binary"].as_str();
        let role = target(&properties["Role"]).ok_or_else(|| missing("role of its own"))?;
        let variables = properties["Environment"]["Variables"].as_object().into_iter().flat_map(Map::iter);
        let mut function = Self {
            id: id.to_owned(),
            name: Text::read(&properties["FunctionName"]),
            binary: binary.ok_or_else(|| missing("binary"))?.to_owned(),
            timeout: number(&properties["Timeout"])
                .map(Duration::from_secs)
                .ok_or_else(|| missing("time-out"))?,
            memory: number(&properties["MemorySize"]).ok_or_else(|| missing("memory"))?,
            environment: variables.map(|(name, value)| (name.clone(), Text::read(value))).collect(),
            alias: properties["AutoPublishAlias"].as_str().map(str::to_owned),
            permissions: of_role(&role, resources)?,
            role,
            routes: route::all_to(id, resources)?,
            queues: Vec::new(),
            streams: Vec::new(),
            schedules: Vec::new(),
            rules: Vec::new(),
            dead_letters: target(
                &properties["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"],
            ),
        };
        for (name, event) in properties["Events"].as_object().into_iter().flat_map(Map::iter) {
            function.attach(name, event)?;
        }
        Ok(function)
    }

    fn attach(&mut self, name: &str, event: &Value) -> Result<(), Mistake> {
        let properties = &event["Properties"];
        match event["Type"].as_str().unwrap_or_default() {
            "SQS" => self.queues.push(QueueSource::read(properties)),
            "DynamoDB" => self.streams.push(StreamSource::read(properties)),
            "ScheduleV2" => self.schedules.push(Schedule::read(name, properties)?),
            "EventBridgeRule" => self.rules.push(EventRule::read(name, properties)),
            other => {
                return Err(Mistake::at(&self.id, format!("{name} is an event of an unknown kind: {other}")));
            }
        }
        Ok(())
    }
}

/// All functions, by name.
pub(crate) fn all(resources: &Resources) -> Result<Vec<Function>, Mistake> {
    let functions = resources.iter().filter(|(_, resource)| resource.kind == "AWS::Serverless::Function");
    functions.map(|(id, resource)| Function::read(id, resource, resources)).collect()
}
