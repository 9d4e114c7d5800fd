//! Rules of the layout that Cargo cannot check. What each crate below `shared/` may link is in its manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Path of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Rust sources below a folder, including tests and benchmarks.
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

/// Code of a file without comments and unit tests, which may use more.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn is_test(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs")
}

/// Every position below `folder` at which one of the words occurs.
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

#[test]
fn the_domain_reads_no_clock_no_file_and_no_environment() {
    keeps_away_from(
        "shared/domain/src",
        &["Timestamp::now", "SystemTime", "Instant::now", "std::env", "std::fs", "std::net", "async fn"],
    );
    keeps_away_from("shared/contacts/src", &["std::fs", "std::net", "std::env", "async fn"]);
}

/// The workspace crates that a crate links, except for tests.
fn links(folder: &str) -> BTreeSet<String> {
    let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
    let linked = manifest.split("[dev-dependencies]").next().unwrap_or_default();
    linked.lines().filter_map(|line| line.split_once(".workspace = true")).map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn crates_link_those_below_them_only() {
    let shared = ["support", "domain", "contacts", "aws", "carrier", "app", "web"];
    let below: [(&str, &[&str]); 7] = [
        ("support", &[]),
        ("domain", &[]),
        ("contacts", &["domain"]),
        ("aws", &["domain", "support"]),
        ("carrier", &["domain", "support"]),
        ("app", &["aws", "carrier", "contacts", "domain", "support"]),
        ("web", &["domain", "support"]),
    ];
    for (name, allowed) in below {
        let links = links(&format!("shared/{name}"));
        let linked: Vec<_> = shared.into_iter().filter(|other| links.contains(*other)).collect();
        assert!(linked.iter().all(|other| allowed.contains(other)), "{name} links {linked:?}");
    }
    let folders = fs::read_dir(root().join("shared")).unwrap().flatten();
    let folders: BTreeSet<_> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    assert_eq!(folders, shared.map(str::to_owned).into(), "a crate that this test does not know");
}

/// Crates with their features, as cargo builds them for these packages.
fn built(packages: &[&str]) -> BTreeSet<String> {
    let mut tree = std::process::Command::new(env!("CARGO"));
    tree.args(["tree", "--locked", "--prefix", "none", "--format", "{p} {f}"]).args(packages).current_dir(root());
    let tree = tree.output().unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let text = String::from_utf8(tree.stdout).unwrap();
    text.lines().map(|line| line.trim_end_matches(" (*)").trim_end().to_owned()).collect()
}

#[test]
fn cargo_local_uses_what_the_tests_have_built() {
    let tests = built(&["--workspace", "--edges", "normal,build,dev"]);
    let local = built(&["--package", "local", "--edges", "normal,build"]);
    let again: Vec<_> = local.difference(&tests).collect();
    assert!(local.len() > 200 && again.is_empty(), "name their features in infra/local/Cargo.toml: {again:#?}");
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
        let links = links(&format!("functions/{name}"));
        for other in names.iter().filter(|other| *other != name).chain([&"local".to_owned()]) {
            assert!(!links.contains(other), "functions/{name} links {other}");
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
fn the_admin_command_line_uses_shared_crates_only_and_copies_no_rule() {
    let links = links("infra/admin");
    for other in fs::read_dir(root().join("functions")).unwrap().flatten() {
        let other = other.file_name().into_string().unwrap();
        assert!(!links.contains(&other), "infra/admin links {other}");
    }
    assert!(links.contains("app") && !links.contains("local"), "{links:?}");
    let keys =
        ["AttributeValue", "\"pk\"", "\"sk\"", "uploads/", "lists/", "campaigns/acc", "media/", "Argon2", "Sha256"];
    keeps_away_from("infra/admin/src", &keys);
    // The environment is read by `main.rs`; AWS settings come from the SDK's own configuration.
    for path in sources(&root().join("infra/admin/src")).into_iter().filter(|path| !path.ends_with("main.rs")) {
        assert!(!code(&path).contains("std::env"), "{} uses std::env", path.display());
    }
    for folder in ["functions", "infra/local/src", "shared"] {
        keeps_away_from(folder, &["use admin::", "admin::run"]);
    }
}

#[test]
fn user_actions_are_written_by_use_cases_only() {
    // Sessions and idempotent requests belong to the entry points; everything else is written by a use case, which
    // checks permissions and writes the audit log.
    let writes = [
        ".put_account(",
        ".put_audit(",
        ".put_campaign",
        ".put_delivery(",
        ".put_erasure(",
        ".put_image(",
        ".put_key(",
        ".put_list(",
        ".put_new_user(",
        ".put_template(",
        ".put_user",
        ".put_webhook(",
        ".create_account(",
        ".decide(",
        ".exclude(",
        ".delete_key(",
        ".delete_list(",
        ".delete_template(",
        ".delete_user(",
        ".delete_webhook(",
        ".end_sessions_of(",
        ".grant_credits(",
        ".mark_erased(",
        ".move_credits(",
        ".set_balance(&",
        ".set_credit_mode(",
        ".with_audit(",
    ];
    for folder in ["functions/api/src", "functions/console/src", "infra/admin/src", "infra/local/src/start"] {
        keeps_away_from(folder, &writes);
    }
    // And only use cases write the audit log.
    for folder in ["functions", "infra"] {
        keeps_away_from(folder, &["put_audit(", "with_audit(", "NewAuditEntry"]);
    }
}

#[test]
fn only_the_aws_crate_knows_table_keys() {
    for folder in ["shared/domain", "shared/contacts", "shared/carrier", "shared/web", "shared/app/src"] {
        keeps_away_from(folder, &["aws_sdk_", "AttributeValue", "\"pk\"", "\"sk\""]);
    }
    keeps_away_from("shared/aws/src/store", &["aws_sdk_s3", "aws_sdk_sqs"]);
}

#[test]
fn every_source_file_begins_with_its_purpose() {
    let mut silent = Vec::new();
    for folder in ["shared", "functions", "infra", "tests"] {
        for path in sources(&root().join(folder)).into_iter().filter(|path| !is_test(path)) {
            if !fs::read_to_string(&path).unwrap().starts_with("//!") {
                silent.push(path.strip_prefix(root()).unwrap().display().to_string());
            }
        }
    }
    assert!(silent.is_empty(), "without a first line that says what for:\n{}", silent.join("\n"));
}

#[test]
fn no_source_file_has_more_than_400_lines() {
    let mut long = Vec::new();
    for folder in ["shared", "functions", "infra", "tests"] {
        for path in sources(&root().join(folder)) {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            if lines > 400 {
                long.push(format!("{}: {lines}", path.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(long.is_empty(), "to be split:\n{}", long.join("\n"));
}

/// Crates whose modules still import each other in a circle; each is to leave this list.
const CIRCULAR: [&str; 1] = [
    // `gate` shows problems whose words are the handlers'.
    "functions/api/src",
];

#[test]
fn modules_of_a_crate_import_each_other_in_no_circle() {
    let rooms = ["shared/aws/src/store", "shared/app/src/audience", "functions/console/src/pages"];
    let mut folders: Vec<String> = rooms.map(str::to_owned).into();
    for group in ["shared", "functions", "infra"] {
        for entry in
            fs::read_dir(root().join(group)).unwrap().flatten().filter(|entry| entry.path().join("src").is_dir())
        {
            folders.push(format!("{group}/{}/src", entry.file_name().to_str().unwrap()));
        }
    }
    assert!(folders.len() >= 20, "crates are missing: {folders:?}");
    let mut wrong = Vec::new();
    for folder in folders {
        match (circle(&imports(&folder)), CIRCULAR.contains(&folder.as_str())) {
            (Some(circle), false) => wrong.push(format!("{folder}: {}", circle.join(" → "))),
            (None, true) => wrong.push(format!("{folder} has no circle any more: take it off the list")),
            (Some(_), true) | (None, false) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_circle_of_any_length_is_found_and_a_use_tree_is_read_completely() {
    let modules = |pairs: &[(&str, &str)]| {
        let mut graph = BTreeMap::<String, BTreeSet<String>>::new();
        for (from, to) in pairs {
            graph.entry((*from).into()).or_default().insert((*to).into());
        }
        graph
    };
    assert_eq!(circle(&modules(&[("a", "b"), ("a", "c"), ("b", "c"), ("c", "d")])), None);
    let found = circle(&modules(&[("a", "b"), ("b", "c"), ("c", "d"), ("d", "b")])).unwrap();
    assert_eq!(found, ["b", "c", "d", "b"]);
    let code =
        "use crate::{App, a::{self, B}, c};\npub(crate) use super::d::E;\nlet f = crate::g::h(super::super::i::J);";
    let found: Vec<_> = paths(code).into_iter().map(|path| path.join("::")).collect();
    let expected =
        ["crate::App", "crate::a::self", "crate::a::B", "crate::c", "super::d::E", "crate::g::h", "super::super::i::J"];
    assert_eq!(found, expected);
}

/// The modules of a folder that each of its modules imports, or names in its code.
fn imports(folder: &str) -> BTreeMap<String, BTreeSet<String>> {
    let (src, inner) = folder.split_once("/src").unwrap();
    let src = root().join(src).join("src");
    let prefix: Vec<&str> = inner.split('/').filter(|part| !part.is_empty()).collect();
    let mut found = BTreeMap::<String, BTreeSet<String>>::new();
    for path in sources(&src).into_iter().filter(|path| !is_test(path)) {
        let relative = path.strip_prefix(&src).unwrap().with_extension("");
        let mut module: Vec<&str> = relative.iter().map(|part| part.to_str().unwrap()).collect();
        if matches!(module.last(), Some(&("mod" | "lib" | "main"))) {
            module.pop();
        }
        let Some(from) = module.strip_prefix(prefix.as_slice()).and_then(|rest| rest.first()) else { continue };
        for path in paths(&code(&path)) {
            let ups = path.iter().take_while(|part| *part == "super").count();
            let base = if path[0] == "crate" { &[][..] } else { &module[..module.len().saturating_sub(ups)] };
            let target: Vec<&str> =
                base.iter().copied().chain(path.iter().skip(ups.max(1)).map(String::as_str)).collect();
            let to = target.strip_prefix(prefix.as_slice()).and_then(|rest| rest.first());
            if let Some(to) = to.filter(|to| *to != from) {
                found.entry((*from).to_owned()).or_default().insert((*to).to_owned());
            }
        }
    }
    // Other names are types or functions of the folder's root.
    let modules: BTreeSet<String> = found.keys().cloned().collect();
    found.values_mut().for_each(|targets| targets.retain(|target| modules.contains(target)));
    found
}

/// Paths in code that begin with `crate` or `super`; use trees are split into single paths.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(start) = ["crate::", "super::"].into_iter().filter_map(|word| rest.find(word)).min() {
        let is_word = !rest[..start].ends_with(|before: char| before.is_alphanumeric() || "_$:".contains(before));
        let length = if is_word { tree(&rest[start..], &[], &mut found) } else { "crate::".len() };
        rest = &rest[start + length..];
    }
    found
}

/// Reads the path or the use tree at the start of `text`, below `above`; returns its length.
fn tree(text: &str, above: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let (mut path, mut at) = (above.to_vec(), 0);
    loop {
        let name = text[at..].find(|one: char| !one.is_alphanumeric() && one != '_').unwrap_or(text.len() - at);
        if name > 0 {
            path.push(text[at..at + name].to_owned());
            at += name;
        }
        if text[at..].starts_with("::") {
            at += 2;
        } else if text[at..].starts_with('{') {
            at += 1;
            while !text[at..].starts_with('}') && at < text.len() {
                at += match text[at..].starts_with(|one: char| one.is_alphanumeric() || one == '_') {
                    true => tree(&text[at..], &path, found),
                    false => text[at..].chars().next().map_or(0, char::len_utf8),
                };
            }
            return (at + 1).min(text.len());
        } else {
            found.push(path);
            return at.max(1);
        }
    }
}

/// A circle in a graph, with its first module repeated at the end.
fn circle(graph: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn walk(
        module: &str,
        graph: &BTreeMap<String, BTreeSet<String>>,
        way: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> Option<Vec<String>> {
        if let Some(begin) = way.iter().position(|one| one == module) {
            return Some(way[begin..].iter().cloned().chain([module.to_owned()]).collect());
        }
        if !done.insert(module.to_owned()) {
            return None;
        }
        way.push(module.to_owned());
        let found = graph.get(module).into_iter().flatten().find_map(|next| walk(next, graph, way, done));
        way.pop();
        found
    }
    let mut done = BTreeSet::new();
    graph.keys().find_map(|module| walk(module, graph, &mut Vec::new(), &mut done))
}
