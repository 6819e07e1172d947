//! Queues, and what becomes of messages that fail.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use template::{Function, Queue, QueueSource, Template};

use crate::permissions::pointer;
use crate::{holds, notices, notices_change, of_kind};

const FOURTEEN_DAYS: u64 = 14 * 24 * 3600;

/// The queues that functions are fed from, each with its consumer.
fn fed(template: &Template) -> impl Iterator<Item = (&Function, &QueueSource, &Queue)> {
    template.functions().iter().flat_map(move |function| {
        let queue =
            |source: &QueueSource| template.queue(&source.queue).expect("a source is a queue of ours");
        function.queues.iter().map(move |source| (function, source, queue(source)))
    })
}

/// The queues where what failed is left.
pub(crate) fn dead_letters(template: &Template) -> BTreeSet<&str> {
    let of_queues = template.queues().iter().filter_map(|queue| queue.dead_letters.as_deref());
    let of_functions = template.functions().iter().flat_map(|function| {
        let streams = function.streams.iter().map(|stream| &stream.dead_letters);
        let schedules = function.schedules.iter().map(|schedule| &schedule.dead_letters);
        let rules = function.rules.iter().map(|rule| &rule.dead_letters);
        streams
            .chain(schedules)
            .chain(rules)
            .chain([&function.dead_letters])
            .filter_map(|queue| queue.as_deref())
    });
    of_queues.chain(of_functions).collect()
}

fn every_source_gives_up_after_five_tries(template: &Template) -> Vec<String> {
    let well = |queue: &Queue| queue.maximum_receives == Some(5) && queue.dead_letters.is_some();
    fed(template).filter(|(.., queue)| !well(queue)).map(|(.., queue)| queue.id.clone()).collect()
}

fn dead_letters_are_kept_fourteen_days_and_longer_than_their_source(template: &Template) -> Vec<String> {
    let dead = dead_letters(template);
    let short = template.queues().iter().filter(|queue| {
        if dead.contains(queue.id.as_str()) {
            queue.retention != FOURTEEN_DAYS
        } else {
            queue.retention >= FOURTEEN_DAYS
        }
    });
    short.map(|queue| queue.id.clone()).collect()
}

fn every_queue_is_read_or_is_for_dead_letters(template: &Template) -> Vec<String> {
    let mut known = dead_letters(template);
    known.extend(fed(template).map(|(_, source, _)| source.queue.as_str()));
    template
        .queues()
        .iter()
        .filter(|queue| !known.contains(queue.id.as_str()))
        .map(|queue| queue.id.clone())
        .collect()
}

/// Work comes from the projector and from the clock. Both know every context's queue by the name of the context.
fn work_queues_are_known_to_whoever_fills_them(template: &Template) -> Vec<String> {
    let work = fed(template).filter_map(|(function, _, queue)| {
        Some((function.binary.strip_suffix("-events")?, queue.id.as_str()))
    });
    let work: BTreeSet<(&str, &str)> = work.collect();
    let listed: BTreeSet<String> = work.iter().map(|(context, id)| format!("{context}=${{{id}}}")).collect();
    let knows = |function: &&Function| {
        let known =
            function.environment.get("MERCATO_WORK_QUEUES").map(ToString::to_string).unwrap_or_default();
        known.split(',').map(str::to_owned).collect::<BTreeSet<_>>() == listed
            && work.iter().all(|(_, id)| function.may_send(id))
    };
    let fill = ["projector", "clock"].iter().filter_map(|binary| template.function(binary));
    fill.filter(|function| !knows(function)).map(|function| function.id.clone()).collect()
}

fn a_message_is_hidden_for_six_runs_and_the_window(template: &Template) -> Vec<String> {
    let short = fed(template).filter(|(function, source, queue)| {
        queue.visibility < 6 * function.timeout.as_secs() + source.window
    });
    short.map(|(.., queue)| queue.id.clone()).collect()
}

fn consumers_are_bounded_and_say_what_failed(template: &Template) -> Vec<String> {
    let well = |function: &Function, source: &QueueSource| {
        let reserved = template.resources()[&function.id].properties["ReservedConcurrentExecutions"].as_u64();
        source.partial && source.concurrency.is_some() && source.concurrency <= reserved
    };
    fed(template)
        .filter(|(function, source, _)| !well(function, source))
        .map(|(function, ..)| function.id.clone())
        .collect()
}

fn queues_are_encrypted_and_speak_tls_only(template: &Template) -> Vec<String> {
    let policies: Vec<_> =
        of_kind(template, "AWS::SQS::QueuePolicy").map(|(_, policy)| &policy.properties).collect();
    let refuses_plain = |queue: &str| {
        let own: Vec<_> =
            policies.iter().filter(|policy| policy["Queues"] == json!([{ "Ref": queue }])).collect();
        // A queue has one policy: a second would silently replace the first.
        own.len() == 1
            && own[0]["PolicyDocument"]["Statement"].as_array().into_iter().flatten().any(
                |statement: &Value| {
                    statement["Effect"] == "Deny"
                        && statement["Principal"] == "*"
                        && statement["Action"] == "sqs:*"
                        && statement["Condition"]["Bool"]["aws:SecureTransport"] == "false"
                },
            )
    };
    let queues = of_kind(template, "AWS::SQS::Queue");
    let open =
        queues.filter(|(id, queue)| queue.properties["SqsManagedSseEnabled"] != true || !refuses_plain(id));
    open.map(|(id, _)| id.clone()).collect()
}

#[test]
fn failing_messages_are_set_aside() {
    holds(every_source_gives_up_after_five_tries);
    notices(every_source_gives_up_after_five_tries, "Mail.Queue.Queue", "/RedrivePolicy", json!(null));
    notices(
        every_source_gives_up_after_five_tries,
        "Mail.Queue.Queue",
        "/RedrivePolicy/maxReceiveCount",
        json!(100),
    );
    let rule = dead_letters_are_kept_fourteen_days_and_longer_than_their_source;
    holds(rule);
    notices(rule, "Mail.Queue.DeadLetters", "/MessageRetentionPeriod", json!(3600));
    notices(rule, "StreamFailures.DeadLetters", "/MessageRetentionPeriod", json!(null));
    notices(rule, "Mail.Queue.Queue", "/MessageRetentionPeriod", json!(FOURTEEN_DAYS));
}

#[test]
fn no_queue_is_forgotten() {
    holds(every_queue_is_read_or_is_for_dead_letters);
    notices(every_queue_is_read_or_is_for_dead_letters, "Mail.Mailer", "/Events/Mails", json!(null));
}

#[test]
fn work_reaches_its_context() {
    let rule = work_queues_are_known_to_whoever_fills_them;
    holds(rule);
    notices(rule, "Clock", "/Environment/Variables/MERCATO_WORK_QUEUES", json!(""));
    let known = json!({ "Ref": "Prepaid.Queue.Queue" });
    let mails = json!({ "Fn::Join": ["", ["loyalty=", { "Ref": "Mail.Queue.Queue" }, ",prepaid=", known]] });
    notices(rule, "Projector", "/Environment/Variables/MERCATO_WORK_QUEUES", mails);
    let elsewhere = json!({ "Fn::GetAtt": ["Mail.Queue.Queue", "Arn"] });
    let send = pointer("clock", "SendWork");
    notices(rule, "Permissions.Clock", &format!("{send}/Resource"), elsewhere);
}

#[test]
fn a_slow_run_does_not_hand_a_message_out_twice() {
    holds(a_message_is_hidden_for_six_runs_and_the_window);
    notices(
        a_message_is_hidden_for_six_runs_and_the_window,
        "Mail.Queue.Queue",
        "/VisibilityTimeout",
        json!(179),
    );
    notices(a_message_is_hidden_for_six_runs_and_the_window, "Mail.Mailer", "/Timeout", json!(31));
    let window = "/Events/Mails/Properties/MaximumBatchingWindowInSeconds";
    notices(a_message_is_hidden_for_six_runs_and_the_window, "Mail.Mailer", window, json!(1));
}

#[test]
fn consumers_are_bounded() {
    holds(consumers_are_bounded_and_say_what_failed);
    let rule = consumers_are_bounded_and_say_what_failed;
    notices(rule, "Mail.Mailer", "/Events/Mails/Properties/FunctionResponseTypes", json!(null));
    notices(rule, "Mail.Mailer", "/Events/Mails/Properties/ScalingConfig", json!(null));
    notices(rule, "Mail.Mailer", "/ReservedConcurrentExecutions", json!(1));
}

#[test]
fn queues_are_closed() {
    holds(queues_are_encrypted_and_speak_tls_only);
    notices(
        queues_are_encrypted_and_speak_tls_only,
        "Mail.Queue.Queue",
        "/SqsManagedSseEnabled",
        json!(null),
    );
    let effect = "/PolicyDocument/Statement/0/Effect";
    notices(queues_are_encrypted_and_speak_tls_only, "ClockFailures.Policy", effect, json!("Allow"));
    notices_change(queues_are_encrypted_and_speak_tls_only, |resources| {
        drop(resources.remove("Mail.Queue.Policy").unwrap());
    });
}
