//! Compares the template with the code and with itself: each function's role lists exactly what its code calls; each
//! queue, permission, log and metric has its counterparts.

mod loops;
mod reach;
mod sources;
mod template;
mod whole;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use reach::{Grant, Reach, Shared};
use template::Template;

pub const TEXT: &str = include_str!("../../../infra/template.yaml");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Differences in the roles of a template, one line each.
fn differences(template: &Template) -> Vec<String> {
    let shared = Shared::read(&root());
    let mut wrong = Vec::new();
    for (name, function) in template.functions() {
        let folder = root().join("functions").join(&name).join("src");
        assert!(folder.exists(), "the template's function {name} has no folder");
        let Reach { certain: mut called, possible } = shared.grants(&folder);
        if called.iter().chain(&possible).any(|(action, _)| action == "s3:GetObject") {
            // Without it S3 answers "forbidden" for a key that does not exist.
            called.insert(("s3:ListBucket".to_owned(), "bucket".to_owned()));
        }
        called.extend(template.needs(function));
        let listed = template.grants(function);
        let lines = |grants: BTreeSet<&Grant>, problem: &str| -> Vec<String> {
            grants.iter().map(|(action, resource)| format!("{name} {problem} {action} on {resource}")).collect()
        };
        wrong.extend(lines(called.difference(&listed).collect(), "calls, and its role does not list,"));
        let known: BTreeSet<Grant> = called.union(&possible).cloned().collect();
        wrong.extend(lines(listed.difference(&known).collect(), "does not call, and its role lists,"));
    }
    wrong
}

#[test]
fn the_role_of_each_function_lists_exactly_what_its_code_calls() {
    let wrong = differences(&Template::parse(TEXT));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The template with one change.
fn changed(before: &str, after: &str) -> Template {
    assert!(TEXT.contains(before), "the template has no {before}");
    Template::parse(&TEXT.replacen(before, after, 1))
}

/// Expects one difference, in the first role that contains the text.
#[track_caller]
fn check(before: &str, after: &str, expected: &str) {
    let wrong = differences(&changed(before, after));
    assert!(wrong.len() == 1 && wrong[0].ends_with(expected), "{wrong:?}");
}

#[test]
fn a_role_that_lists_too_little_or_too_much_is_found() {
    let action = "Action: dynamodb:Query\n                Resource: !Sub \"${CampaignsTable.Arn}/index/due\"";
    check(action, &action.replace("dynamodb:Query", "[]"), "does not list, dynamodb:Query on CampaignsTable/index/due");
    check(
        action,
        &action.replace("dynamodb:Query", "[dynamodb:Query, dynamodb:Scan]"),
        "lists, dynamodb:Scan on CampaignsTable/index/due",
    );
    let secrets = "Resource: [!Ref LinkKey, !Ref CarrierSecret]";
    check(secrets, "Resource: !Ref LinkKey", "does not list, secretsmanager:GetSecretValue on CarrierSecret");
    let wider = changed("${CampaignsTable.Arn}/index/due", "${CampaignsTable.Arn}/index/*");
    assert_eq!(differences(&wider).len(), 2, "one is listed and not called, one called and not listed");
}
