//! Who may use whom. The folder list is the architecture; this test reads the sources and says where one strays.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Rust sources below a folder, tests and benchmarks of the folder included.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// Code of a file without its comments and without its unit tests, which may use more.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn is_test(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs")
}

/// Every place below `folder` where one of the words stands.
fn strays(folder: &str, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for path in sources(&root().join(folder)).into_iter().filter(|path| !is_test(path)) {
        let code = code(&path);
        for word in words.iter().filter(|word| code.contains(**word)) {
            found.push(format!("{} uses {word}", path.strip_prefix(root()).unwrap().display()));
        }
    }
    found
}

#[track_caller]
fn keeps_away_from(folder: &str, words: &[&str]) {
    assert!(root().join(folder).exists(), "{folder} is gone; this test guards nothing");
    let strays = strays(folder, words);
    assert!(strays.is_empty(), "{}", strays.join("\n"));
}

const ROOMS: [&str; 12] = [
    "crate::audience",
    "crate::carrier",
    "crate::contacts",
    "crate::exports",
    "crate::files",
    "crate::http",
    "crate::queue",
    "crate::runtime",
    "crate::store",
    "crate::testing",
    "crate::planning",
    "crate::webhooks",
];

fn rooms_but(allowed: &[&str]) -> Vec<&'static str> {
    ROOMS.into_iter().filter(|room| !allowed.contains(room)).collect()
}

const OUTSIDE: [&str; 6] = ["aws_sdk", "aws_config", "tokio::", "async fn", "reqwest::", "axum::"];

#[test]
fn the_domain_uses_nobody() {
    keeps_away_from("shared/src/domain", &rooms_but(&[]));
    keeps_away_from("shared/src/domain", &OUTSIDE);
    keeps_away_from(
        "shared/src/domain",
        &["Timestamp::now", "SystemTime", "Instant::now", "std::env", "std::fs", "std::net"],
    );
}

#[test]
fn contacts_use_the_domain_only() {
    keeps_away_from("shared/src/contacts", &rooms_but(&["crate::contacts"]));
    keeps_away_from("shared/src/contacts", &OUTSIDE);
}

#[test]
fn rooms_do_not_join_each_other() {
    keeps_away_from("shared/src/store", &rooms_but(&["crate::store"]));
    keeps_away_from("shared/src/files.rs", &rooms_but(&[]));
    keeps_away_from("shared/src/queue.rs", &rooms_but(&[]));
    keeps_away_from("shared/src/carrier", &rooms_but(&["crate::carrier"]));
    keeps_away_from("shared/src/http", &["crate::carrier", "crate::contacts", "crate::audience"]);
}

#[test]
fn functions_use_shared_only_and_never_one_another() {
    let names: BTreeSet<String> = fs::read_dir(root().join("functions"))
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert!(names.len() >= 7, "functions/ lost some of its functions");
    for name in &names {
        let manifest = fs::read_to_string(root().join("functions").join(name).join("Cargo.toml")).unwrap();
        for other in names.iter().filter(|other| *other != name).chain([&"local".to_owned()]) {
            let linked = manifest.split("[dev-dependencies]").next().unwrap_or_default();
            let depends = linked
                .lines()
                .any(|line| line.starts_with(&format!("{other}.")) || line.starts_with(&format!("{other} =")));
            assert!(!depends, "functions/{name} depends on {other}");
        }
    }
}

#[test]
fn functions_know_no_keys_no_environment_and_no_sdk() {
    for entry in fs::read_dir(root().join("functions")).unwrap().flatten() {
        for path in
            sources(&entry.path().join("src")).into_iter().filter(|path| !is_test(path) && !path.ends_with("main.rs"))
        {
            let code = code(&path);
            for word in ["std::env", "aws_sdk", "\"pk\"", "\"sk\"", "uploads/", "lists/acc_", "campaigns/acc_"] {
                assert!(!code.contains(word), "{} uses {word}", path.display());
            }
        }
    }
}

#[test]
fn the_operators_command_line_uses_shared_only_and_copies_no_rule() {
    let manifest = fs::read_to_string(root().join("infra/admin/Cargo.toml")).unwrap();
    let linked = manifest.split("[dev-dependencies]").next().unwrap_or_default();
    let workspace: Vec<_> = linked.lines().filter_map(|line| line.split(['.', ' ']).next()).collect();
    for other in fs::read_dir(root().join("functions")).unwrap().flatten() {
        let other = other.file_name().into_string().unwrap();
        assert!(!workspace.contains(&other.as_str()), "infra/admin depends on {other}");
    }
    assert!(workspace.contains(&"shared") && !workspace.contains(&"local"), "{workspace:?}");
    let keys =
        ["AttributeValue", "\"pk\"", "\"sk\"", "uploads/", "lists/", "campaigns/acc", "media/", "Argon2", "Sha256"];
    keeps_away_from("infra/admin/src", &keys);
    // The environment is read by `main.rs`; what is asked of AWS comes from the SDK's own configuration.
    for path in sources(&root().join("infra/admin/src")).into_iter().filter(|path| !path.ends_with("main.rs")) {
        assert!(!code(&path).contains("std::env"), "{} uses std::env", path.display());
    }
    for folder in ["functions", "infra/local/src", "shared/src"] {
        keeps_away_from(folder, &["use admin::", "admin::run"]);
    }
}

#[test]
fn table_keys_are_known_by_the_store_only() {
    for folder in
        ["shared/src/domain", "shared/src/contacts", "shared/src/carrier", "shared/src/http", "shared/src/audience"]
    {
        keeps_away_from(folder, &["aws_sdk_dynamodb", "AttributeValue"]);
    }
    for folder in ["shared/src/store", "shared/src/carrier", "shared/src/domain"] {
        keeps_away_from(folder, &["aws_sdk_s3", "aws_sdk_sqs"]);
    }
}

#[test]
fn every_source_file_says_in_its_first_line_what_it_is_for() {
    let mut silent = Vec::new();
    for folder in ["shared/src", "functions", "infra", "tests"] {
        for path in sources(&root().join(folder)).into_iter().filter(|path| !is_test(path)) {
            if !fs::read_to_string(&path).unwrap().starts_with("//!") {
                silent.push(path.strip_prefix(root()).unwrap().display().to_string());
            }
        }
    }
    assert!(silent.is_empty(), "without a first line that says what for:\n{}", silent.join("\n"));
}

#[test]
fn no_source_file_has_grown_beyond_400_lines() {
    let mut long = Vec::new();
    for folder in ["shared/src", "functions", "infra", "tests"] {
        for path in sources(&root().join(folder)) {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            if lines > 400 {
                long.push(format!("{}: {lines}", path.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(long.is_empty(), "to be split:\n{}", long.join("\n"));
}
