//! The real template, read as the runner reads it.

use std::time::Duration;

use super::*;

pub(crate) fn context() -> StackContext {
    let map = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    StackContext {
        region: "eu-west-3".to_owned(),
        account: "000000000000".to_owned(),
        stack: "envol".to_owned(),
        cloud_url: "http://127.0.0.1:3002".to_owned(),
        api_urls: map(&[("HttpApi", "http://127.0.0.1:3000"), ("ShortApi", "http://127.0.0.1:3001")]),
        parameters: map(&[("Carrier", "sandbox"), ("ConsoleOrigins", "http://127.0.0.1:3000, http://localhost:3000")]),
        secrets: map(&[
            ("link_key", "0123"),
            ("fingerprint_key", "0123"),
            ("webhook_key", "4567"),
            ("authorization", "Bearer a"),
            ("callback_token", "t0ken"),
            ("callback_secret", "whsec_c"),
        ]),
    }
}

fn template() -> Template {
    Template::read(TEXT, &context()).unwrap()
}

#[test]
fn tables_have_their_keys_indexes_and_expiry() {
    let template = template();
    let names: Vec<_> = template.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["envol-AccountsTable", "envol-ListsTable", "envol-CampaignsTable", "envol-LinksTable"]);
    let campaigns = &template.tables[2];
    assert_eq!(campaigns.expires_by.as_deref(), Some("expires_at"));
    assert_eq!(campaigns.create["KeySchema"][0]["AttributeName"], "pk");
    assert_eq!(campaigns.create["GlobalSecondaryIndexes"][0]["IndexName"], "due");
    assert_eq!(campaigns.create["GlobalSecondaryIndexes"][1]["IndexName"], "tallies");
    assert!(campaigns.create.get("PointInTimeRecoverySpecification").is_none());
    assert_eq!(template.tables[1].expires_by, None);
}

#[test]
fn tables_have_what_the_store_needs() {
    let template = template();
    for needed in aws::store::schema() {
        let name = &template.names[needed.logical];
        let table = template.tables.iter().find(|table| table.name == *name).unwrap();
        let keys = |schema: &serde_json::Value| {
            [0, 1].map(|at| schema[at]["AttributeName"].as_str().unwrap_or_default().to_owned())
        };
        assert_eq!(keys(&table.create["KeySchema"]), needed.keys, "{name}");
        assert_eq!(table.expires_by.as_deref(), needed.expires_by, "{name}");
        for index in needed.indexes {
            let indexes = table.create["GlobalSecondaryIndexes"].as_array().unwrap();
            let found = indexes.iter().find(|found| found["IndexName"] == index.name).unwrap();
            assert_eq!(keys(&found["KeySchema"]), index.keys, "{name} {}", index.name);
        }
    }
}

#[test]
fn every_queue_with_a_reader_has_a_dead_letter_queue_and_six_times_its_readers_timeout() {
    let template = template();
    for (name, function) in &template.functions {
        for source in &function.queues {
            let queue = template.queue_by_arn(&source.queue_arn).unwrap();
            let redrive = queue.redrive.as_ref().unwrap();
            assert!(template.queue_by_arn(&redrive.dead_letter_target_arn).is_some(), "{name}");
            assert!(redrive.max_receive_count >= 3, "{name}");
            let visible_after = Duration::from_secs(u64::from(queue.visibility_timeout_s));
            assert!(visible_after >= 6 * function.timeout + source.window, "{name}");
        }
    }
}

#[test]
fn functions_have_their_environment_resolved_to_this_machine() {
    let template = template();
    let names: Vec<_> = template.functions.keys().map(String::as_str).collect();
    assert_eq!(names, ["api", "console", "dispatch", "import", "receipts", "redirect", "send", "track", "webhooks"]);
    let api = &template.functions["api"].environment;
    assert_eq!(api["ACCOUNTS_TABLE"], "envol-AccountsTable");
    assert_eq!(api["BUCKET"], "envol-data-000000000000-eu-west-3");
    assert_eq!(api["WAKEUPS_QUEUE_URL"], "http://127.0.0.1:3002/000000000000/envol-WakeupsQueue");
    let dispatch = &template.functions["dispatch"].environment;
    assert!(!dispatch.contains_key("LINK_KEY"), "a secret is given to those alone who need it");
    assert_eq!(template.functions["redirect"].environment["LINK_KEY"], "0123");
    assert_eq!(api["RUST_LOG"], "info", "what all functions share");
    let send = &template.functions["send"].environment;
    assert_eq!(send["CARRIER"], "sandbox");
    assert_eq!(send["SHORT_URL"], "http://127.0.0.1:3001");
}

#[test]
fn a_secret_that_is_not_there_is_named_with_its_variable() {
    let mut context = context();
    context.secrets.remove("callback_token");
    let error = Template::read(TEXT, &context).unwrap_err().to_string();
    assert!(error.contains("CALLBACK_TOKEN") && error.contains("secret callback_token"), "{error}");
    let wrong = TEXT.replace("secret:${CarrierSecret}:callback_token", "secret:callback_token");
    let error = Template::read(&wrong, &context).unwrap_err().to_string();
    assert!(error.contains("CALLBACK_TOKEN: is not secret:<arn or name>:<json key>"), "{error}");
}

#[test]
fn queues_and_schedules_call_their_functions() {
    let template = template();
    let dispatch = &template.functions["dispatch"];
    assert_eq!(dispatch.schedules, [Duration::from_secs(60)]);
    assert_eq!(dispatch.queues[0].queue_arn, "arn:aws:sqs:eu-west-3:000000000000:envol-WakeupsQueue");
    assert_eq!(dispatch.retries, 0);
    let send = &template.functions["send"].queues[0];
    assert_eq!((send.batch_size, send.max_concurrency), (1, 5));
    let track = &template.functions["track"].queues[0];
    assert!(track.batch_size > 10 && track.window > Duration::ZERO, "receipts are grouped");
}

#[test]
fn an_upload_calls_import_and_other_files_do_not() {
    let template = template();
    let bucket = &template.buckets[0];
    let notification = &bucket.notifications[0];
    assert_eq!(notification.function_arn, template.functions["import"].arn);
    assert!(notification.is_for("s3:ObjectCreated:Put", "uploads/acc_1/lst_1/u"));
    assert!(notification.is_for("s3:ObjectCreated:CompleteMultipartUpload", "uploads/acc_1/lst_1/u"));
    assert!(!notification.is_for("s3:ObjectCreated:Put", "lists/acc_1/lst_1/1/contacts.csv"));
    assert!(!notification.is_for("s3:ObjectRemoved:Delete", "uploads/acc_1/lst_1/u"));
    assert_eq!(bucket.cors[0].allowed_origins, ["http://127.0.0.1:3000", "http://localhost:3000"]);
}

#[test]
fn callbacks_go_to_receipts_calls_to_api_short_links_to_redirect_and_the_rest_to_console() {
    let template = template();
    let function = |api: &str, method, path| {
        let arn = template.apis[api].function_for(method, path).unwrap();
        template.functions.iter().find(|(_, function)| function.arn == arn).map(|(name, _)| name.as_str()).unwrap()
    };
    assert_eq!(function("HttpApi", "POST", "/v1/callbacks/http/t0ken"), "receipts");
    assert_eq!(function("HttpApi", "GET", "/v1/callbacks/kannel/t0ken"), "receipts");
    assert_eq!(function("HttpApi", "POST", "/v1/callbacks"), "api");
    assert_eq!(function("HttpApi", "GET", "/v1/campaigns"), "api");
    assert_eq!(function("HttpApi", "GET", "/health"), "api");
    assert_eq!(function("HttpApi", "GET", "/docs"), "api");
    assert_eq!(function("HttpApi", "GET", "/"), "console");
    assert_eq!(function("HttpApi", "POST", "/campaigns/cmp_1/do/pause"), "console");
    assert_eq!(function("ShortApi", "HEAD", "/aZ3kPq9x"), "redirect");
}

#[test]
fn unsupported_syntax_is_an_error_with_its_location() {
    let wrong = TEXT.replace("!Ref EventsQueue", "!ImportValue events");
    let error = Template::read(&wrong, &context()).unwrap_err().to_string();
    assert!(error.contains("Environment.Variables.EVENTS_QUEUE_URL"), "{error}");
    assert!(error.contains("!ImportValue"), "{error}");
}
