use crate::resource::number;
use crate::source::target;
use crate::{Mistake, Resources, Text};

/// One queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// Its name in the whole, such as `Mail.Queue.Queue`.
    pub id: String,
    /// The name it is made with.
    pub name: Text,
    /// Seconds for which a message that was handed out is hidden.
    pub visibility: u64,
    /// Seconds for which a message is kept.
    pub retention: u64,
    /// The queue for messages that failed too often.
    pub dead_letters: Option<String>,
    /// How often a message is handed out before that.
    pub maximum_receives: Option<u64>,
}

/// All queues, by name.
pub(crate) fn all(resources: &Resources) -> Result<Vec<Queue>, Mistake> {
    let queues = resources.iter().filter(|(_, resource)| resource.kind == "AWS::SQS::Queue");
    let queue = |(id, resource): (&String, &crate::Resource)| {
        let properties = &resource.properties;
        let redrive = &properties["RedrivePolicy"];
        let dead_letters = redrive.get("deadLetterTargetArn").and_then(target);
        if redrive.is_object() && dead_letters.is_none() {
            return Err(Mistake::at(id, "its dead letters go to no queue of ours"));
        }
        Ok(Queue {
            id: id.clone(),
            name: Text::read(&properties["QueueName"]),
            visibility: number(&properties["VisibilityTimeout"]).unwrap_or(30),
            retention: number(&properties["MessageRetentionPeriod"]).unwrap_or(345_600),
            dead_letters,
            maximum_receives: number(&redrive["maxReceiveCount"]),
        })
    };
    queues.map(queue).collect()
}
