//! The template against itself.

use std::collections::BTreeSet;

use serde_norway::Value as Yaml;
use support::Metric;

use crate::TEXT;
use crate::template::{Template, name_in, text};

/// Whether a queue holds dead letters.
fn is_dead_letters(queue: &str) -> bool {
    queue.ends_with("DeadLetters")
}

/// Resources with an alarm on a metric, by logical name.
fn alarmed(template: &Template, metric: &str) -> BTreeSet<String> {
    let alarms =
        template.of_type("AWS::CloudWatch::Alarm").into_iter().filter(|(_, alarm)| alarm["MetricName"] == *metric);
    alarms
        .map(|(_, alarm)| name_in(&alarm["Dimensions"][0]["Value"]).trim_end_matches(".QueueName").to_owned())
        .collect()
}

#[test]
fn every_asynchronous_source_has_a_dead_letter_queue_and_each_of_these_an_alarm() {
    let template = Template::parse(TEXT);
    let watched = alarmed(&template, "ApproximateNumberOfMessagesVisible");
    let mut dead_letters = BTreeSet::new();
    for (name, queue) in template.of_type("AWS::SQS::Queue") {
        assert_eq!(queue["SqsManagedSseEnabled"], true, "{name} is not encrypted");
        if is_dead_letters(name) {
            assert!(watched.contains(name), "{name} has no alarm");
        } else {
            dead_letters.insert(name_in(&queue["RedrivePolicy"]["deadLetterTargetArn"]));
        }
    }
    for (name, function) in template.functions() {
        let mut asynchronous = false;
        for (_, event) in function["Events"].as_mapping().into_iter().flatten() {
            if event["Type"] == "Schedule" {
                asynchronous = true;
                dead_letters.insert(name_in(&event["Properties"]["DeadLetterConfig"]["Arn"]));
            }
        }
        let notified = template.of_type("AWS::S3::Bucket").into_iter().any(|(_, bucket)| {
            let notification = bucket["NotificationConfiguration"]["LambdaConfigurations"].as_sequence();
            notification
                .into_iter()
                .flatten()
                .any(|notification| name_in(&notification["Function"]).to_lowercase() == format!("{name}function"))
        });
        if asynchronous || notified {
            let failed = &function["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"];
            dead_letters.insert(name_in(failed));
        }
    }
    let queues: BTreeSet<String> = template
        .of_type("AWS::SQS::Queue")
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .filter(|name| is_dead_letters(name))
        .collect();
    assert_eq!(dead_letters, queues, "what fails goes to a queue for it, and every such queue is used");
}

#[test]
fn every_function_has_alarms_a_log_with_retention_and_its_own_role() {
    let template = Template::parse(TEXT);
    let (errors, throttles) = (alarmed(&template, "Errors"), alarmed(&template, "Throttles"));
    let (mut roles, mut logs) = (BTreeSet::new(), BTreeSet::new());
    for (name, function) in template.functions() {
        let logical = template.of_type("AWS::Serverless::Function");
        let logical = logical.iter().find(|(_, found)| std::ptr::eq(*found, function)).unwrap().0;
        assert!(errors.contains(logical) && throttles.contains(logical), "{name} has no alarm of errors or throttles");
        let log = name_in(&function["LoggingConfig"]["LogGroup"]);
        assert!(!template.properties(&log)["RetentionInDays"].is_null(), "the log of {name} is kept for ever");
        assert!(logs.insert(log), "{name} shares its log");
        assert!(roles.insert(name_in(&function["Role"])), "{name} shares its role");
    }
    assert_eq!(roles.len(), template.of_type("AWS::IAM::Role").len(), "a role without a function");
}

#[test]
fn every_permission_has_its_source_and_every_source_its_permission() {
    let template = Template::parse(TEXT);
    let mut permitted = BTreeSet::new();
    for (name, permission) in template.of_type("AWS::Lambda::Permission") {
        assert_eq!(permission["Action"], "lambda:InvokeFunction", "{name}");
        let source = text(&permission["SourceArn"]);
        let source = match source.split_once(":${AWS::AccountId}:${") {
            Some((_, api)) => api.strip_suffix("}/*").unwrap_or(api).to_owned(),
            None => name_in(&permission["SourceArn"]),
        };
        if source == "bucket" {
            assert_eq!(text(&permission["SourceAccount"]), "AWS::AccountId", "{name} trusts buckets of strangers");
        }
        permitted.insert((source, name_in(&permission["FunctionName"])));
    }
    let mut sources = BTreeSet::new();
    let integrations = template.of_type("AWS::ApiGatewayV2::Integration");
    for (name, route) in template.of_type("AWS::ApiGatewayV2::Route") {
        let target = text(&route["Target"]).trim_start_matches("integrations/").replace(['$', '{', '}'], "");
        let integration = integrations.iter().find(|(name, _)| *name == target);
        let integration = integration.unwrap_or_else(|| panic!("{name} goes nowhere")).1;
        assert_eq!(name_in(&route["ApiId"]), name_in(&integration["ApiId"]), "{name}");
        sources.insert((name_in(&route["ApiId"]), name_in(&integration["IntegrationUri"])));
    }
    for (_, bucket) in template.of_type("AWS::S3::Bucket") {
        for notification in bucket["NotificationConfiguration"]["LambdaConfigurations"].as_sequence().unwrap() {
            sources.insert(("bucket".to_owned(), name_in(&notification["Function"])));
        }
    }
    assert_eq!(permitted, sources);
}

#[test]
fn no_secret_is_resolved_into_the_configuration_of_a_function() {
    assert!(!TEXT.contains("{{resolve:"), "a dynamic reference would put the secret into the function's environment");
    for (name, function) in Template::parse(TEXT).functions() {
        for (variable, value) in function["Environment"]["Variables"].as_mapping().into_iter().flatten() {
            let variable = variable.as_str().unwrap();
            let is_secret = ["KEY", "SECRET", "TOKEN", "AUTHORIZATION"].iter().any(|word| variable.ends_with(word));
            let is_reference = text(value).starts_with("secret:${");
            assert_eq!(is_secret, is_reference, "{variable} of {name}");
        }
    }
}

#[test]
fn tables_are_encrypted_kept_and_can_be_restored() {
    let text = Template::parse(TEXT);
    for (name, table) in text.of_type("AWS::DynamoDB::Table") {
        assert_eq!(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true, "{name}");
        assert_eq!(table["SSESpecification"]["SSEEnabled"], true, "{name}");
        assert!(!table["DeletionProtectionEnabled"].is_null(), "{name}");
    }
}

#[test]
fn globally_named_resources_have_the_region_in_their_name() {
    let template = Template::parse(TEXT);
    let named = [
        ("AWS::S3::Bucket", "BucketName"),
        ("AWS::CloudWatch::Dashboard", "DashboardName"),
        ("AWS::IAM::Role", "RoleName"),
        ("AWS::IAM::ManagedPolicy", "ManagedPolicyName"),
    ];
    for (kind, property) in named {
        for (name, resource) in template.of_type(kind).into_iter().filter(|(_, one)| !one[property].is_null()) {
            assert!(text(&resource[property]).contains("${AWS::Region}"), "{name} meets its like of another region");
        }
    }
    assert_eq!(
        TEXT.matches("${AWS::StackName}-data-").count(),
        TEXT.matches("-data-${AWS::AccountId}-${AWS::Region}").count()
    );
}

#[test]
fn resources_with_data_are_retained_except_after_a_failed_first_deployment() {
    let template = Template::parse(TEXT);
    let mut kept = 0;
    for kind in ["AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"] {
        for (name, _) in template.of_type(kind).into_iter().filter(|(name, _)| *name != "CarrierSecret") {
            let (deleted, replaced) = template.policies(name);
            assert_eq!((deleted, replaced), ("RetainExceptOnCreate", "Retain"), "{name}");
            kept += 1;
        }
    }
    assert_eq!(TEXT.matches("DeletionPolicy:").count(), kept, "what else is kept?");
}

/// Names of our own metrics in the alarms and on the dashboard.
fn shown() -> BTreeSet<String> {
    let template = Template::parse(TEXT);
    let mut shown = BTreeSet::new();
    for (_, alarm) in template.of_type("AWS::CloudWatch::Alarm") {
        let queries = alarm["Metrics"].as_sequence().into_iter().flatten().map(|query| &query["MetricStat"]["Metric"]);
        let ours = queries.chain([alarm]).filter(|metric| metric["Namespace"] == "Envol");
        shown.extend(ours.map(|metric| metric["MetricName"].as_str().unwrap().to_owned()));
    }
    for (_, dashboard) in template.of_type("AWS::CloudWatch::Dashboard") {
        let body: serde_json::Value = serde_json::from_str(text(&dashboard["DashboardBody"])).unwrap();
        let widgets = body["widgets"].as_array().unwrap();
        for metric in widgets.iter().flat_map(|widget| widget["properties"]["metrics"].as_array().unwrap()) {
            if metric[0] == "Envol" {
                assert_eq!((&metric[2], &metric[3]), (&"Stack".into(), &"${AWS::StackName}".into()));
                shown.insert(metric[1].as_str().unwrap().to_owned());
            }
        }
    }
    shown
}

#[test]
fn every_metric_is_shown_and_every_metric_shown_is_written() {
    let written: BTreeSet<String> = Metric::ALL.iter().map(|metric| metric.name()).collect();
    assert_eq!(shown(), written);
}

#[test]
fn every_alarm_has_an_action_and_names_its_runbook() {
    for (name, alarm) in Template::parse(TEXT).of_type("AWS::CloudWatch::Alarm") {
        assert_eq!(
            alarm["AlarmActions"].as_sequence().map(|all| all.iter().map(name_in).collect()),
            Some(vec!["Alarms".to_owned()]),
            "{name}"
        );
        assert!(text(&alarm["AlarmDescription"]).contains("Runbook: "), "{name}");
        assert!(!matches!(alarm["TreatMissingData"], Yaml::Null), "{name}");
    }
}
