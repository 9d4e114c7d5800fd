//! Checks tables: existing, with the keys and indexes that the store needs, with expiry and backups.

use aws::cause;
use aws::store::{TableSchema, schema};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{KeySchemaElement, KeyType, TableDescription};

use super::Findings;
use crate::deployment::Kind;
use crate::operator::Operator;

const AREA: &str = "tables";
const DEPLOY: &str = "deploy again: the template sets this. If data is lost, restore it first (point-in-time recovery)";

pub async fn look(operator: &Operator, found: &mut Findings) {
    let db = aws::sdk::dynamodb(&operator.deployment.sdk);
    let is_local = matches!(operator.deployment.kind, Kind::Local { .. });
    for expected in schema() {
        let Some(name) = operator.deployment.maybe_resource(expected.logical) else {
            found.problem(AREA, expected.logical, "is not in the stack", DEPLOY);
            continue;
        };
        let table = match db.describe_table().table_name(name).send().await {
            Ok(answer) => answer.table,
            Err(error) => {
                let cause = cause::of_call(&error);
                found.problem(AREA, expected.logical, format!("{name} cannot be read: {cause}"), DEPLOY);
                continue;
            }
        };
        let mut problems =
            table.as_ref().map_or_else(|| vec!["no description".into()], |table| shape(&expected, table));
        problems.extend(expiry(&db, name, &expected).await);
        if !is_local {
            problems.extend(backup(&db, name).await);
        }
        let items = table.as_ref().and_then(TableDescription::item_count).unwrap_or(0);
        let fine = format!("keys, indexes, expiry{}; about {items} items", if is_local { "" } else { ", backup" });
        found.problems(AREA, expected.logical, problems, &fine, DEPLOY);
        if !is_local && !table.is_some_and(|table| table.deletion_protection_enabled().unwrap_or(false)) {
            let todo = format!("aws dynamodb update-table --deletion-protection-enabled --table-name {name}");
            found.warning(AREA, expected.logical, "it is not protected against deletion", todo);
        }
    }
}

/// Differences from what the store needs.
fn shape(expected: &TableSchema, table: &TableDescription) -> Vec<String> {
    let mut problems = Vec::new();
    let status = table.table_status().map_or("", |status| status.as_str());
    if status != "ACTIVE" {
        problems.push(format!("is {status}"));
    }
    if !has_keys(table.key_schema(), &expected.keys) {
        problems.push(format!("its keys are not {}", expected.keys.join(" and ")));
    }
    for index in expected.indexes {
        let found = table.global_secondary_indexes().iter().find(|found| found.index_name() == Some(index.name));
        match found {
            None => problems.push(format!("has no index {}", index.name)),
            Some(found) if !has_keys(found.key_schema(), &index.keys) => {
                problems.push(format!("the keys of the index {} are not {}", index.name, index.keys.join(" and ")));
            }
            Some(found) => {
                let status = found.index_status().map_or("ACTIVE", |status| status.as_str());
                if status != "ACTIVE" {
                    problems.push(format!("the index {} is {status}", index.name));
                }
            }
        }
    }
    problems
}

fn has_keys(found: &[KeySchemaElement], [partition, sort]: &[&str; 2]) -> bool {
    let is =
        |name: &str, kind: &KeyType| found.iter().any(|key| key.attribute_name() == name && key.key_type() == kind);
    found.len() == 2 && is(partition, &KeyType::Hash) && is(sort, &KeyType::Range)
}

async fn expiry(db: &Client, name: &str, expected: &TableSchema) -> Option<String> {
    let attribute = expected.expires_by?;
    let answer = match db.describe_time_to_live().table_name(name).send().await {
        Ok(answer) => answer.time_to_live_description,
        Err(error) => return Some(format!("its expiry cannot be read: {}", cause::of_call(&error))),
    };
    let is_on = answer.as_ref().is_some_and(|found| {
        let status = found.time_to_live_status().map_or("", |status| status.as_str());
        found.attribute_name() == Some(attribute) && status.starts_with("ENABL")
    });
    (!is_on).then(|| format!("items do not expire by {attribute}"))
}

async fn backup(db: &Client, name: &str) -> Option<String> {
    let answer = match db.describe_continuous_backups().table_name(name).send().await {
        Ok(answer) => answer.continuous_backups_description,
        Err(error) => return Some(format!("its backups cannot be read: {}", cause::of_call(&error))),
    };
    let recovery = answer.and_then(|backups| backups.point_in_time_recovery_description);
    let status = recovery.and_then(|recovery| recovery.point_in_time_recovery_status);
    let is_on = status.is_some_and(|status| status.as_str() == "ENABLED");
    (!is_on).then(|| "point-in-time recovery is off: lost data cannot be restored".to_owned())
}
