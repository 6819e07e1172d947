//! What the reader makes of the real template.

use std::time::Duration;

use serde_json::json;
use template::{Template, Text};

use crate::{root, stage};

#[test]
fn functions_are_read_whole() {
    let template = stage("local");
    let mailer = template.function("mailer").unwrap();
    assert_eq!(
        (mailer.id.as_str(), mailer.name.to_string().as_str()),
        ("Mail.Mailer", "mercato-local-mailer")
    );
    assert_eq!((mailer.timeout, mailer.memory), (Duration::from_secs(30), 256));
    assert_eq!(mailer.queues[0].queue, "Mail.Queue.Queue");
    assert_eq!((mailer.queues[0].batch, mailer.queues[0].partial), (10, true));
    assert_eq!(mailer.rules[0].dead_letters.as_deref(), Some("Mail.EventFailures.DeadLetters"));
    let projector = template.function("projector").unwrap();
    assert_eq!(projector.streams[0].table, "Data.Table");
    let clock = template.function("clock").unwrap();
    assert_eq!(clock.schedules[0].every(), Some(Duration::from_mins(1)));
    assert_eq!(template.function("identity-http").unwrap().memory, 1024);
    let loyalty = template.function("loyalty-events").unwrap();
    assert_eq!((loyalty.id.as_str(), loyalty.role.as_str()), ("Loyalty.Events", "Loyalty.EventsRole"));
    assert_eq!(loyalty.queues[0].queue, "Loyalty.Queue.Queue");
    assert_eq!(template.functions().len(), 10);
}

#[test]
fn variables_are_answered_by_the_place_where_the_function_runs() {
    let template = stage("local");
    let projector = template.function("projector").unwrap();
    assert_eq!(projector.environment["MERCATO_MAIL_QUEUE"].to_string(), "${Mail.Queue.Queue}");
    assert_eq!(projector.environment["MERCATO_TABLE"].to_string(), "${Data.Table}");
    assert_eq!(
        projector.environment["MERCATO_WORK_QUEUES"].to_string(),
        "loyalty=${Loyalty.Queue.Queue},prepaid=${Prepaid.Queue.Queue}"
    );
    let variables = projector.variables(|of| match of.resource.as_str() {
        "Mail.Queue.Queue" => "http://127.0.0.1:8000/queues/mail".to_owned(),
        other => format!("<{other}>"),
    });
    assert_eq!(variables["MERCATO_MAIL_QUEUE"], "http://127.0.0.1:8000/queues/mail");
    assert_eq!(variables["MERCATO_TABLE"], "<Data.Table>");
    assert_eq!(variables["MERCATO_STAGE"], "local");
    assert_eq!(variables["MERCATO_PARAMETERS"], "/mercato/local");
    assert_eq!(variables["MERCATO_BASE_URL"], "<BaseUrl>");
}

#[test]
fn the_table_can_be_made() {
    let template = stage("local");
    let table = template.table();
    assert_eq!((table.id.as_str(), table.name.to_string().as_str()), ("Data.Table", "mercato-local"));
    assert_eq!((table.ttl.as_deref(), table.stream.as_deref()), (Some("ttl"), Some("NEW_AND_OLD_IMAGES")));
    let request = table.create("anything");
    assert_eq!(
        (&request["TableName"], &request["BillingMode"]),
        (&json!("anything"), &json!("PAY_PER_REQUEST"))
    );
    let part = |name: &str, kind: &str| json!({"AttributeName": name, "KeyType": kind});
    let key = |hash: &str, range: &str| json!([part(hash, "HASH"), part(range, "RANGE")]);
    assert_eq!(request["KeySchema"], key("pk", "sk"));
    let indexes = request["GlobalSecondaryIndexes"].as_array().unwrap();
    let names: Vec<_> = indexes.iter().map(|index| index["IndexName"].as_str().unwrap()).collect();
    assert_eq!(names, ["gsi1", "gsi2", "gsi3", "gsi4", "due"]);
    for index in indexes {
        let name = index["IndexName"].as_str().unwrap();
        assert_eq!(index["KeySchema"], key(&format!("{name}pk"), &format!("{name}sk")));
        assert_eq!(index["Projection"], json!({"ProjectionType": "ALL"}));
    }
    assert_eq!(request["AttributeDefinitions"].as_array().unwrap().len(), 12);
}

#[test]
fn queues_are_read() {
    let template = stage("local");
    let mail = template.queue("Mail.Queue.Queue").unwrap();
    assert_eq!(mail.name.to_string(), "mercato-local-mail");
    assert_eq!((mail.visibility, mail.maximum_receives), (180, Some(5)));
    assert_eq!(mail.dead_letters.as_deref(), Some("Mail.Queue.DeadLetters"));
    assert_eq!(template.queues().len(), 9);
}

#[test]
fn a_restored_table_takes_the_place_of_the_stages_own() {
    let arn = "arn:aws:dynamodb:eu-central-1:1:table/back/stream/x";
    let parameters = [("Stage", "prod"), ("RestoredTable", "back"), ("RestoredStream", arn)];
    let template = Template::read_with(&root(), &parameters).unwrap();
    let clock = template.function("clock").unwrap();
    assert_eq!(clock.environment["MERCATO_TABLE"].to_string(), "back");
    let due = clock.permissions.iter().find(|permission| permission.name == "Due").unwrap();
    assert!(due.resources[0].to_string().ends_with(":table/back/index/due"));
    let projector = template.function("projector").unwrap();
    let stream = projector.permissions.iter().find(|permission| permission.name == "ReadStream").unwrap();
    assert_eq!(stream.resources.iter().map(Text::to_string).collect::<Vec<_>>(), [arn]);
}

#[test]
fn a_folder_without_a_template_is_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Template::read(folder.path()).unwrap_err().to_string().contains("template.yaml"));
}
