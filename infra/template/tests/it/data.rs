//! Data outlives deployments.

use serde_json::{Value, json};
use template::Template;

use crate::{holds, notices, notices_change, of_kind, resource};

/// Resources that hold what cannot be made anew.
const DATA: [&str; 2] = ["AWS::DynamoDB::Table", "AWS::S3::Bucket"];
const HOME: &str = "infra/data.yaml";

fn data_lives_in_a_stack_of_its_own(template: &Template) -> Vec<String> {
    let misplaced = template.resources().iter().filter(|(_, resource)| {
        let data = DATA.contains(&resource.kind.as_str());
        data != (resource.stack == HOME)
    });
    misplaced.map(|(id, _)| id.clone()).collect()
}

fn data_is_retained(template: &Template) -> Vec<String> {
    let must = |id: &str, kind: &str| DATA.contains(&kind) || id == "Data";
    let lost =
        template.resources().iter().filter(|(id, resource)| must(id, &resource.kind) && !resource.retained);
    lost.map(|(id, _)| id.clone()).collect()
}

fn the_table_can_be_brought_back(template: &Template) -> Vec<String> {
    let safe = |table: &Value| {
        table["DeletionProtectionEnabled"] == true
            && table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] == true
            && table["SSESpecification"]["SSEEnabled"] == true
            && table["BillingMode"] == "PAY_PER_REQUEST"
    };
    let tables = of_kind(template, "AWS::DynamoDB::Table");
    tables.filter(|(_, table)| !safe(&table.properties)).map(|(id, _)| id.clone()).collect()
}

fn expired_rows_go_and_changes_are_told(template: &Template) -> Vec<String> {
    let table = template.table();
    let well = table.ttl.as_deref() == Some("ttl") && table.stream.as_deref() == Some("NEW_AND_OLD_IMAGES");
    if well { Vec::new() } else { vec![table.id.clone()] }
}

#[test]
fn data_has_its_own_stack() {
    holds(data_lives_in_a_stack_of_its_own);
    notices_change(data_lives_in_a_stack_of_its_own, |resources| {
        resource(resources, "Data.Table").stack = "template.yaml".to_owned();
    });
    notices_change(data_lives_in_a_stack_of_its_own, |resources| {
        resource(resources, "Mail.Mailer").stack = HOME.to_owned();
    });
}

#[test]
fn data_is_never_dropped() {
    holds(data_is_retained);
    for id in ["Data", "Data.Table"] {
        notices_change(data_is_retained, |resources| resource(resources, id).retained = false);
    }
    holds(the_table_can_be_brought_back);
    let rule = the_table_can_be_brought_back;
    notices(rule, "Data.Table", "/DeletionProtectionEnabled", json!(false));
    notices(rule, "Data.Table", "/PointInTimeRecoverySpecification", json!(null));
    notices(rule, "Data.Table", "/SSESpecification", json!(null));
}

#[test]
fn rows_expire_and_changes_flow() {
    holds(expired_rows_go_and_changes_are_told);
    notices(expired_rows_go_and_changes_are_told, "Data.Table", "/TimeToLiveSpecification", json!(null));
    let view = "/StreamSpecification/StreamViewType";
    notices(expired_rows_go_and_changes_are_told, "Data.Table", view, json!("KEYS_ONLY"));
}
