//! Which functions can call themselves through a queue or the bucket: Lambda stops such a chain after about 16 turns,
//! unless the function allows it.

use std::collections::{BTreeMap, BTreeSet};

use crate::TEXT;
use crate::template::{Template, name_in};

/// For each function, which functions it can trigger: readers of the queues that its role writes to, and listeners for
/// the files that it writes.
fn calls(template: &Template) -> BTreeMap<String, BTreeSet<String>> {
    let readers = readers(template);
    let callees = |grants: BTreeSet<(String, String)>| {
        let written = grants.into_iter().filter(|(action, _)| action == "sqs:SendMessage" || action == "s3:PutObject");
        written.filter_map(|(_, resource)| readers.get(resource.trim_end_matches('*')).cloned()).flatten().collect()
    };
    template.functions().into_iter().map(|(name, function)| (name, callees(template.grants(function)))).collect()
}

/// Functions by the queue that they read, or by the prefix of the keys that they listen for.
fn readers(template: &Template) -> BTreeMap<String, BTreeSet<String>> {
    let mut readers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, function) in template.functions() {
        for (_, event) in function["Events"].as_mapping().into_iter().flatten().filter(|(_, one)| one["Type"] == "SQS")
        {
            readers.entry(name_in(&event["Properties"]["Queue"])).or_default().insert(name.clone());
        }
    }
    for (_, bucket) in template.of_type("AWS::S3::Bucket") {
        for notification in
            bucket["NotificationConfiguration"]["LambdaConfigurations"].as_sequence().into_iter().flatten()
        {
            let prefix = notification["Filter"]["S3Key"]["Rules"][0]["Value"].as_str().unwrap();
            let function = name_in(&notification["Function"]).trim_end_matches("Function").to_lowercase();
            readers.entry(prefix.to_owned()).or_default().insert(function);
        }
    }
    readers
}

/// Functions from which a chain of calls leads back to themselves.
fn looping(template: &Template) -> BTreeSet<String> {
    let calls = calls(template);
    let reached = |from: &str| {
        let (mut reached, mut new) = (BTreeSet::new(), vec![from]);
        while let Some(function) = new.pop() {
            new.extend(calls[function].iter().filter(|callee| reached.insert((*callee).clone())).map(String::as_str));
        }
        reached
    };
    calls.keys().filter(|name| reached(name).contains(*name)).cloned().collect()
}

fn allowed(template: &Template) -> BTreeSet<String> {
    let functions = template.functions().into_iter().filter(|(_, function)| !function["RecursiveLoop"].is_null());
    let named = functions.map(|(name, function)| {
        assert_eq!(function["RecursiveLoop"], "Allow", "{name}: the default need not be said");
        name
    });
    named.collect()
}

#[test]
fn exactly_the_functions_that_call_themselves_may_do_so() {
    let template = Template::parse(TEXT);
    assert_eq!(looping(&template), allowed(&template));
}

/// A template with functions: name, queue that it reads, and what its role may write to. Import listens for uploads.
fn template_of(functions: &[(&str, &str, &str)]) -> Template {
    let notification = "Filter: {S3Key: {Rules: [{Value: uploads/}]}}, Function: !GetAtt ImportFunction.Arn";
    let mut text = format!(
        "Resources:\n  Bucket: {{Type: 'AWS::S3::Bucket', Properties: {{NotificationConfiguration: {{LambdaConfigurations: [{{{notification}}}]}}}}}}\n"
    );
    for (name, read, written) in functions {
        let event = format!("{{Type: SQS, Properties: {{Queue: !GetAtt {read}.Arn}}}}");
        let statement =
            format!("{{Effect: Allow, Action: ['sqs:SendMessage', 's3:PutObject'], Resource: '{written}'}}");
        text += &format!(
            "  {name}Function: {{Type: 'AWS::Serverless::Function', Properties: {{Role: !GetAtt {name}Role.Arn, Events: {{One: {event}}}}}}}\n  \
             {name}Role: {{Type: 'AWS::IAM::Role', Properties: {{Policies: [{{PolicyDocument: {{Statement: [{statement}]}}}}]}}}}\n"
        );
    }
    Template::parse(&text)
}

#[track_caller]
fn check(functions: &[(&str, &str, &str)], expected: &[&str]) {
    assert_eq!(looping(&template_of(functions)).into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn loops_are_found_directly_and_through_other_functions_or_the_bucket() {
    check(&[("A", "Queue", "Queue")], &["a"]);
    check(&[("A", "First", "Second"), ("B", "Second", "First"), ("C", "Third", "First")], &["a", "b"]);
    check(&[("A", "First", "Second"), ("B", "Second", "Third"), ("C", "Third", "Fourth")], &[]);
    check(&[("Import", "First", "-data-${AWS::AccountId}-${AWS::Region}/uploads/*")], &["import"]);
    check(&[("Import", "First", "-data-${AWS::AccountId}-${AWS::Region}/lists/*")], &[]);
}
