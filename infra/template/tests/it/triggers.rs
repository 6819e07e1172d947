//! Streams, schedules and event rules: each ends its tries, and leaves what failed in a queue.

use serde_json::json;
use template::{Function, Template};

use crate::{holds, notices, stage};

/// Changes are kept for a day: whatever is older cannot be looked at any more.
const STREAM_KEEPS: u64 = 24 * 3600;

fn failing(template: &Template, test: impl Fn(&Function) -> bool) -> Vec<String> {
    template
        .functions()
        .iter()
        .filter(|function| !test(function))
        .map(|function| function.id.clone())
        .collect()
}

fn streams_pass_by_what_fails(template: &Template) -> Vec<String> {
    failing(template, |function| {
        function.streams.iter().all(|stream| {
            stream.partial
                && stream.bisect
                && stream.retries.is_some()
                && stream.maximum_age.is_some_and(|age| age < STREAM_KEEPS)
                && stream.dead_letters.is_some()
        })
    })
}

fn schedules_give_up_before_the_next_one(template: &Template) -> Vec<String> {
    failing(template, |function| {
        function.schedules.iter().all(|schedule| {
            let period = schedule.every().map(|period| period.as_secs());
            schedule.dead_letters.is_some()
                && schedule.retries.is_some()
                && schedule.maximum_age.is_some()
                && (period.is_none() || schedule.maximum_age <= period)
                && period.is_none_or(|period| function.timeout.as_secs() < period)
        })
    })
}

fn event_rules_have_dead_letters(template: &Template) -> Vec<String> {
    failing(template, |function| function.rules.iter().all(|rule| rule.dead_letters.is_some()))
}

/// Schedules and rules do not wait for an answer, so the function itself says where its failures go.
fn what_nobody_waits_for_has_dead_letters(template: &Template) -> Vec<String> {
    failing(template, |function| {
        let awaited = function.schedules.is_empty() && function.rules.is_empty();
        let config = &template.resources()[&function.id].properties["EventInvokeConfig"];
        let bounded = config["MaximumRetryAttempts"].is_u64() && config["MaximumEventAgeInSeconds"].is_u64();
        awaited || function.dead_letters.is_some() && bounded
    })
}

fn who_leaves_dead_letters_may(template: &Template) -> Vec<String> {
    failing(template, |function| {
        let streams = function.streams.iter().filter_map(|stream| stream.dead_letters.as_ref());
        streams.chain(&function.dead_letters).all(|queue| function.may_send(queue))
    })
}

#[test]
fn mail_that_comes_back_is_ours() {
    let template = stage("prod");
    let pattern = &template.function("mailer").unwrap().rules[0].pattern;
    let ours = &template.resources()["Mail.ConfigurationSet"].properties["Name"];
    assert_eq!(pattern["detail"]["mail"]["tags"]["ses:configuration-set"], json!([ours]));
}

#[test]
fn a_poisonous_change_does_not_stop_the_stream() {
    holds(streams_pass_by_what_fails);
    for part in
        ["FunctionResponseTypes", "BisectBatchOnFunctionError", "MaximumRetryAttempts", "DestinationConfig"]
    {
        let pointer = format!("/Events/Changes/Properties/{part}");
        notices(streams_pass_by_what_fails, "Projector", &pointer, json!(null));
    }
    let age = "/Events/Changes/Properties/MaximumRecordAgeInSeconds";
    notices(streams_pass_by_what_fails, "Projector", age, json!(STREAM_KEEPS));
}

#[test]
fn a_schedule_does_not_run_into_the_next() {
    holds(schedules_give_up_before_the_next_one);
    notices(schedules_give_up_before_the_next_one, "Clock", "/Timeout", json!(60));
    let event = "/Events/EveryMinute/Properties";
    notices(schedules_give_up_before_the_next_one, "Clock", &format!("{event}/RetryPolicy"), json!(null));
    notices(
        schedules_give_up_before_the_next_one,
        "Clock",
        &format!("{event}/DeadLetterConfig"),
        json!(null),
    );
}

#[test]
fn failures_nobody_waits_for_are_kept() {
    holds(event_rules_have_dead_letters);
    notices(
        event_rules_have_dead_letters,
        "Mail.Mailer",
        "/Events/Returned/Properties/DeadLetterConfig",
        json!(null),
    );
    holds(what_nobody_waits_for_has_dead_letters);
    notices(
        what_nobody_waits_for_has_dead_letters,
        "Clock",
        "/EventInvokeConfig/DestinationConfig",
        json!(null),
    );
    notices(what_nobody_waits_for_has_dead_letters, "Mail.Mailer", "/EventInvokeConfig", json!(null));
    holds(who_leaves_dead_letters_may);
    let elsewhere = json!({"Fn::GetAtt": ["Mail.Queue.Queue", "Arn"]});
    let destination = "/EventInvokeConfig/DestinationConfig/OnFailure/Destination";
    notices(who_leaves_dead_letters_may, "Clock", destination, elsewhere);
}
