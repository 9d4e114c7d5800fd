//! `infra/deploy --dry-run` and `--delete` with a fake AWS CLI: messages about a bucket that is in the way.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A fake command: shell code that handles `$*`.
fn stand_in(folder: &Path, name: &str, code: &str) {
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/bash\n{code}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The script's stdout and stderr, with AWS responses from `aws`: per call a bash pattern and code.
fn said(arguments: &[&str], aws: &[(&str, &str)]) -> String {
    let tools = tempfile::tempdir().unwrap();
    let calls: String = aws.iter().map(|(call, code)| format!("  {call}) {code} ;;\n")).collect();
    let rest = "  *) echo \"An error occurred (404): Not Found, or it does not exist\" >&2; exit 255 ;;\n";
    stand_in(tools.path(), "aws", &format!("case \"$*\" in\n{calls}{rest}esac"));
    stand_in(tools.path(), "sam", "exit 0");
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("infra/deploy");
    let path = format!("{}:/usr/bin:/bin", tools.path().display());
    let mut command = Command::new("bash");
    command.arg(script).args(arguments).args(["--stage", "test", "--region", "eu-west-1"]);
    let done = command.env_clear().env("PATH", path).env("HOME", tools.path()).output().unwrap();
    String::from_utf8([done.stdout, done.stderr].concat()).unwrap()
}

const ACCOUNT: (&str, &str) = ("'sts get-caller-identity'*", "echo 123456789012");
const BUCKET: &str = "envol-test-data-123456789012-eu-west-1";
const STACK_ID: &str = "arn:aws:cloudformation:eu-west-1:123456789012:stack/envol-test/1";

fn dry_run(aws: &[(&str, &str)]) -> String {
    said(&["--dry-run", "--parameter", "CarrierUrl=https://sms.example"], &[&[ACCOUNT], aws].concat())
}

#[test]
fn a_first_deployment_looks_for_the_bucket_of_its_own_region() {
    let other_region = dry_run(&[("'s3api head-bucket --bucket envol-test-data-123456789012'", "exit 0")]);
    assert!(other_region.contains("create the stack") && !other_region.contains("bucket"), "{other_region}");
}

#[test]
fn a_bucket_that_may_be_in_use_is_not_to_be_removed() {
    let head = format!("'s3api head-bucket --bucket {BUCKET}'");
    let (tags, stack) =
        ("'s3api get-bucket-tagging'*", format!("'cloudformation describe-stacks --stack-name {STACK_ID}'*"));
    let is_there = (head.as_str(), "exit 0");
    let made = format!("echo {STACK_ID}");
    for aws in [
        vec![is_there],
        vec![is_there, (tags, "echo None")],
        vec![is_there, (tags, &made)],
        vec![is_there, (tags, &made), (&stack, "echo UPDATE_COMPLETE")],
        vec![(&head, "echo 'An error occurred (403) when calling the HeadBucket operation: Forbidden' >&2; exit 254")],
    ] {
        let said = dry_run(&aws);
        assert!(said.contains(BUCKET) && said.contains("another --stage"), "{said}");
        assert!(!said.contains("--force"), "{aws:?}: {said}");
    }
    let orphan = dry_run(&[is_there, (tags, &made), (&stack, "echo DELETE_COMPLETE")]);
    assert!(orphan.contains(&format!("aws s3 rb --region eu-west-1 --force s3://{BUCKET}")), "{orphan}");
}

#[test]
fn an_update_does_not_leave_the_files_behind_in_a_bucket_without_region() {
    let (status, bucket) =
        ("'cloudformation describe-stacks'*StackStatus*", "'cloudformation describe-stacks'*Bucket*");
    let earlier = [(status, "echo UPDATE_COMPLETE"), (bucket, "echo envol-test-data-123456789012")];
    let said_of_earlier = dry_run(&earlier);
    assert!(said_of_earlier.contains("--move-bucket"), "{said_of_earlier}");
    let moved = said(&["--dry-run", "--move-bucket"], &[&[ACCOUNT], &earlier[..]].concat());
    let copy = format!("--exclude uploads/* s3://envol-test-data-123456789012 s3://{BUCKET}");
    assert!(moved.contains(&copy) && !moved.contains("a word on the files"), "{moved}");
    let same = format!("echo {BUCKET}");
    let updated = dry_run(&[(status, "echo UPDATE_COMPLETE"), (bucket, &same)]);
    assert!(updated.contains("update the stack") && !updated.contains("--move-bucket"), "{updated}");
}

#[test]
fn resources_that_a_failed_deployment_did_not_create_are_not_listed() {
    let listed = "'cloudformation list-stack-resources'*CREATE_FAILED*DELETE_COMPLETE*'PhysicalResourceId'*";
    let aws = [ACCOUNT, ("'cloudformation describe-stacks'*", "echo ROLLBACK_COMPLETE"), (listed, "exit 0")];
    let deleted = said(&["--delete", "--yes"], &aws);
    assert!(deleted.contains("envol-test is deleted") && !deleted.contains("--force"), "{deleted}");
}

#[test]
fn a_stage_whose_bucket_would_have_too_long_a_name_is_refused() {
    let stage = "a".repeat(24);
    let longest = format!("envol-{}-data-123456789012-us-isof-south-1", &stage[1..]);
    assert_eq!(longest.len(), 63, "the longest name of a bucket");
    let tools = tempfile::tempdir().unwrap();
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("infra/deploy");
    let refused =
        Command::new("bash").arg(script).args(["--stage", &stage]).current_dir(tools.path()).output().unwrap();
    assert!(String::from_utf8(refused.stderr).unwrap().contains("1 to 23"));
}
