//! Choosing the deployment: errors if none is named, none runs, or the operator's name is missing.

use crate::cloud::{program, said};

#[test]
fn a_deployment_must_be_named() {
    said(program().args(["--as", "ada", "account", "list"])).refuses(2, "--stage NAME");
    said(program().args(["--local", "account", "list"])).refuses(2, "--as NAME");
}

#[test]
fn a_folder_without_a_running_installation_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = format!("--local={}", folder.path().display());
    said(program().args([&deployment, "--as", "ada", "account", "list"])).refuses(1, "cargo local");
    std::fs::write(folder.path().join("ready.json"), "{}").unwrap();
    said(program().args([&deployment, "--as", "ada", "account", "list"])).refuses(1, "same sources");
}

#[test]
fn without_region_or_credentials_the_error_says_what_to_set() {
    let stage = ["--stage", "test", "--as", "ada", "account", "list"];
    let nowhere = [("AWS_EC2_METADATA_DISABLED", "true"), ("HOME", "/nonexistent")];
    said(program().envs(nowhere).args(stage)).refuses(1, "AWS_REGION");
    said(program().envs(nowhere).env("AWS_REGION", "eu-west-3").args(stage)).refuses(1, "aws sso login");
}

#[test]
fn the_exit_codes_are_in_the_help() {
    let help = said(program().arg("--help"));
    assert_eq!(help.code, 0);
    assert!(help.out.contains("Exit codes:") && help.out.contains("  5  doctor"), "{}", help.out);
    said(program().args(["account", "crate"])).refuses(2, "create");
}
