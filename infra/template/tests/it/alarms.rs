//! Whatever can go wrong rings.

use serde_json::{Value, json};
use template::Template;

use crate::queues::dead_letters;
use crate::{holds, notices, notices_change, of_kind};

/// The one dimension of a metric.
fn by(name: &str, value: &Value) -> Value {
    json!([{ "Name": name, "Value": value }])
}

/// Whether an alarm watches a metric with these dimensions; null for none.
fn watches(alarm: &Value, metric: &str, dimensions: &Value) -> bool {
    let (namespace, name) = metric.split_once(' ').unwrap();
    let inner = alarm["Metrics"].as_array().into_iter().flatten().map(|part| &part["MetricStat"]["Metric"]);
    let same = |of: &Value| {
        of["Namespace"] == namespace && of["MetricName"] == name && of["Dimensions"] == *dimensions
    };
    inner.chain([alarm]).any(same)
}

fn alarm<'a>(template: &'a Template, metric: &str, dimensions: &Value) -> Option<&'a Value> {
    let mut alarms = of_kind(template, "AWS::CloudWatch::Alarm").map(|(_, alarm)| &alarm.properties);
    alarms.find(|alarm| watches(alarm, metric, dimensions))
}

fn every_function_is_watched(template: &Template) -> Vec<String> {
    let mut missing = Vec::new();
    for function in template.functions() {
        let own = by("FunctionName", &json!({"Ref": function.id}));
        let mut metrics = vec!["Errors", "Duration", "Throttles", "ConcurrentExecutions"];
        if !function.streams.is_empty() {
            metrics.push("IteratorAge");
        }
        let watched = |metric: &str| alarm(template, &format!("AWS/Lambda {metric}"), &own).is_some();
        let unwatched = metrics.iter().filter(|metric| !watched(metric));
        missing.extend(unwatched.map(|metric| format!("{}: {metric}", function.id)));
        let stage = function.environment["MERCATO_STAGE"].to_string();
        let answers = format!("Mercato/{stage} ServerErrors-{}", function.binary);
        if !function.routes.is_empty() && alarm(template, &answers, &Value::Null).is_none() {
            missing.push(format!("{}: 5xx", function.id));
        }
    }
    missing
}

fn a_stream_that_lags_a_minute_rings(template: &Template) -> Vec<String> {
    let streamed = template.functions().iter().filter(|function| !function.streams.is_empty());
    let rings = |id: &str| {
        let alarm = alarm(template, "AWS/Lambda IteratorAge", &by("FunctionName", &json!({"Ref": id})));
        alarm.is_some_and(|alarm| alarm["Threshold"] == 60_000)
    };
    streamed.filter(|function| !rings(&function.id)).map(|function| function.id.clone()).collect()
}

fn every_queue_is_watched(template: &Template) -> Vec<String> {
    let dead = dead_letters(template);
    let unwatched = template.queues().iter().filter(|queue| {
        let own = by("QueueName", &json!({"Fn::GetAtt": [queue.id, "QueueName"]}));
        if dead.contains(queue.id.as_str()) {
            let any = alarm(template, "AWS/SQS ApproximateNumberOfMessagesVisible", &own);
            any.is_none_or(|alarm| alarm["Threshold"] != 0)
        } else {
            alarm(template, "AWS/SQS ApproximateAgeOfOldestMessage", &own).is_none()
        }
    });
    unwatched.map(|queue| queue.id.clone()).collect()
}

fn what_is_shared_is_watched(template: &Template) -> Vec<String> {
    let api = by("ApiId", &json!({"Ref": "Gateway.Api"}));
    let table = by("TableName", &json!({"Ref": template.table().id}));
    let group = by("ScheduleGroup", &json!({"Ref": "ScheduleGroup"}));
    let watched = [
        ("AWS/ApiGateway 5xx", &api),
        ("AWS/ApiGateway Latency", &api),
        ("AWS/DynamoDB TransactionConflict", &table),
        ("AWS/DynamoDB ReadThrottleEvents", &table),
        ("AWS/DynamoDB WriteThrottleEvents", &table),
        ("AWS/Scheduler TargetErrorCount", &group),
        ("AWS/Scheduler InvocationDroppedCount", &group),
    ];
    let missing =
        watched.into_iter().filter(|(metric, dimensions)| alarm(template, metric, dimensions).is_none());
    missing.map(|(metric, _)| metric.to_owned()).collect()
}

fn reputation_rings_at_half_of_what_brings_a_review(template: &Template) -> Vec<String> {
    let limits = [("AWS/SES Reputation.BounceRate", 0.025), ("AWS/SES Reputation.ComplaintRate", 0.0005)];
    let rings = |metric: &str, limit: f64| {
        alarm(template, metric, &Value::Null).is_some_and(|alarm| alarm["Threshold"] == limit)
    };
    limits
        .iter()
        .filter(|(metric, limit)| !rings(metric, *limit))
        .map(|(metric, _)| (*metric).to_owned())
        .collect()
}

/// What a context counts only when somebody has to look at money.
const ASTRAY: [&str; 4] =
    ["PrepaidPaymentMismatch", "PrepaidPaymentUnknown", "PrepaidRefundFailed", "PrepaidDispute"];

fn money_that_goes_astray_rings(template: &Template) -> Vec<String> {
    let stage = template.functions()[0].environment["MERCATO_STAGE"].to_string();
    let own = by("Stage", &json!(stage));
    let rings = |counter: &str| {
        let alarm = alarm(template, &format!("Mercato {counter}"), &own);
        alarm.is_some_and(|alarm| alarm["Threshold"] == 0 && alarm["Statistic"] == "Sum")
    };
    ASTRAY.iter().filter(|counter| !rings(counter)).map(|counter| (*counter).to_owned()).collect()
}

fn alarms_and_the_budget_reach_somebody(template: &Template) -> Vec<String> {
    let topic = json!([{"Ref": "Alerts.Topic"}]);
    let alarms = of_kind(template, "AWS::CloudWatch::Alarm");
    let silent = alarms.filter(|(_, alarm)| alarm.properties["AlarmActions"] != topic);
    let mut silent: Vec<_> = silent.map(|(id, _)| id.clone()).collect();
    let listens = |budget: &Value| {
        let notices = budget["NotificationsWithSubscribers"].as_array().into_iter().flatten();
        notices.filter(|notice| notice["Subscribers"][0]["Address"] == topic[0]).count() > 0
    };
    if !of_kind(template, "AWS::Budgets::Budget").any(|(_, budget)| listens(&budget.properties)) {
        silent.push("Budget".to_owned());
    }
    silent
}

#[test]
fn functions_ring() {
    holds(every_function_is_watched);
    for name in ["Errors", "ServerErrors", "SlowAlarm", "ThrottledAlarm", "BusyAlarm"] {
        notices_change(every_function_is_watched, |resources| {
            resources.remove(&format!("IdentityHttpAlarms.{name}")).unwrap();
            let preference =
                &mut resources.get_mut("IdentityHttp").unwrap().properties["DeploymentPreference"];
            preference["Alarms"] = json!([]);
        });
    }
    holds(a_stream_that_lags_a_minute_rings);
    notices(a_stream_that_lags_a_minute_rings, "Alarms.StreamBehind", "/Threshold", json!(600_000));
}

#[test]
fn queues_ring() {
    holds(every_queue_is_watched);
    notices_change(every_queue_is_watched, |resources| {
        drop(resources.remove("Mail.Queue.LateAlarm").unwrap());
    });
    notices(every_queue_is_watched, "Mail.Queue.DeadAlarm", "/Threshold", json!(10));
    notices_change(every_queue_is_watched, |resources| {
        drop(resources.remove("ClockFailures.DeadAlarm").unwrap());
    });
}

#[test]
fn shared_things_ring() {
    holds(what_is_shared_is_watched);
    for name in ["ApiErrors", "TableConflicts", "ScheduleErrors"] {
        notices_change(what_is_shared_is_watched, |resources| {
            resources.remove(&format!("Alarms.{name}")).unwrap();
        });
    }
    holds(reputation_rings_at_half_of_what_brings_a_review);
    notices(reputation_rings_at_half_of_what_brings_a_review, "Mail.BounceAlarm", "/Threshold", json!(0.05));
}

#[test]
fn money_rings() {
    holds(money_that_goes_astray_rings);
    for name in ["PaymentMismatch", "PaymentUnknown", "RefundFailed", "Dispute"] {
        let id = format!("Prepaid.{name}.Alarm");
        notices(money_that_goes_astray_rings, &id, "/Threshold", json!(1));
        notices(money_that_goes_astray_rings, &id, "/Dimensions/0/Value", json!("another"));
    }
}

#[test]
fn somebody_hears() {
    holds(alarms_and_the_budget_reach_somebody);
    notices(alarms_and_the_budget_reach_somebody, "Mail.BounceAlarm", "/AlarmActions", json!([]));
    notices_change(alarms_and_the_budget_reach_somebody, |resources| {
        drop(resources.remove("Alerts.Budget").unwrap());
    });
}
