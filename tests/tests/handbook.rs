//! `infra/README.md` matches `infra/template.yaml`: every parameter with its default, and a runbook page for every
//! alarm. Everything that documents name exists: files, crates, tests, benches.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

fn read(file: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::read_to_string(root.join(file)).unwrap()
}

/// Lines of a top-level section of the template.
fn section<'a>(template: &'a str, name: &str) -> Vec<&'a str> {
    let lines = template.lines().skip_while(|line| line.trim_end() != format!("{name}:")).skip(1);
    lines.take_while(|line| line.is_empty() || line.starts_with([' ', '#'])).collect()
}

/// Parameters and defaults as the template has them.
fn parameters(template: &str) -> BTreeMap<String, String> {
    let (mut found, mut name) = (BTreeMap::new(), String::new());
    for line in section(template, "Parameters") {
        let word = line.split('#').next().unwrap_or_default().trim_end();
        if let Some(key) =
            word.strip_prefix("  ").filter(|key| !key.starts_with(' ')).and_then(|key| key.strip_suffix(':'))
        {
            name = key.to_owned();
            found.insert(name.clone(), String::new());
        } else if let Some(default) = word.trim_start().strip_prefix("Default:") {
            found.insert(name.clone(), default.trim().trim_matches('"').to_owned());
        }
    }
    found
}

/// Rows of the first table below a heading: the first two cells.
fn table(text: &str, heading: &str) -> BTreeMap<String, String> {
    let below = text.split_once(&format!("\n## {heading}\n")).unwrap().1;
    let below = below.split("\n## ").next().unwrap();
    let cell = |text: &str| text.trim().trim_matches('`').to_owned();
    let rows = below.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.split('|').map(cell).collect::<Vec<_>>())
        .map(|cells| (cells[1].clone(), cells[2].clone()))
        .collect()
}

#[test]
fn every_parameter_and_its_default_is_documented() {
    let (template, handbook) = (read("infra/template.yaml"), read("infra/README.md"));
    let parameters = parameters(&template);
    assert!(parameters.len() > 10, "the template's parameters are not found: {parameters:?}");
    assert_eq!(table(&handbook, "Parameters"), parameters);
}

#[test]
fn every_alarm_has_its_page_in_the_runbook() {
    let (template, handbook) = (read("infra/template.yaml"), read("infra/README.md"));
    let alarms = template.lines().filter(|line| line.trim() == "Type: AWS::CloudWatch::Alarm").count();
    let pages =
        template.lines().filter_map(|line| line.trim().strip_prefix("AlarmDescription:")?.split_once("Runbook: "));
    let pages: Vec<_> = pages.map(|(_, page)| page.trim_end_matches('"').to_owned()).collect();
    assert_eq!(pages.len(), alarms, "an alarm names no page of the runbook");
    let runbook = handbook.split_once("\n## Runbook\n").unwrap().1.split("\n## ").next().unwrap();
    let headings: BTreeSet<_> =
        runbook.lines().filter_map(|line| line.strip_prefix("### ")).map(str::to_lowercase).collect();
    assert_eq!(pages.into_iter().collect::<BTreeSet<_>>(), headings);
}

/// The documents, with the folder that their links are relative to.
const DOCUMENTS: [(&str, &str); 7] = [
    ("README.md", ""),
    ("ARCHITECTURE.md", ""),
    ("CONTRIBUTING.md", ""),
    ("CHANGELOG.md", ""),
    ("SECURITY.md", ""),
    ("infra/README.md", "infra/"),
    ("shared/carrier/PROTOCOL.md", "shared/carrier/"),
];

fn exists(path: &str) -> bool {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(path).exists()
}

/// The anchor of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[test]
fn links_of_documents_lead_somewhere() {
    let mut dead = Vec::new();
    for (document, folder) in DOCUMENTS {
        let text = read(document);
        let anchors: BTreeSet<_> =
            text.lines().filter_map(|line| Some(anchor(line.trim_start_matches('#').strip_prefix(' ')?))).collect();
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.starts_with("https://")) {
            let is_there = match target.strip_prefix('#') {
                Some(name) => anchors.contains(name),
                None => exists(&format!("{folder}{target}")),
            };
            if !is_there {
                dead.push(format!("{document}: {target}"));
            }
        }
    }
    assert!(dead.is_empty(), "{dead:#?}");
}

#[test]
fn files_that_documents_name_are_there() {
    let mut missing = Vec::new();
    for (document, _) in DOCUMENTS {
        let text = read(document);
        let code = text.split('`').skip(1).step_by(2).flat_map(str::split_whitespace);
        let roots = ["functions/", "shared/", "infra/", "tests/", "events/", ".ci/"];
        let paths = code.map(|word| word.trim_matches([',', ';', ':', '…']));
        for path in paths.filter(|path| roots.iter().any(|root| path.starts_with(root))) {
            if !exists(path) && !path.contains(['*', '<']) {
                missing.push(format!("{document}: {path}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn crates_tests_and_benches_that_documents_run_are_there() {
    let crates: BTreeSet<String> = ["shared", "functions", "infra"]
        .iter()
        .flat_map(|folder| fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(folder)).unwrap())
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .chain(["stories".to_owned()])
        .collect();
    let mut missing = Vec::new();
    for (document, _) in DOCUMENTS {
        let text = read(document);
        let words: Vec<_> = text.split([' ', '\n', '`']).filter(|word| !word.is_empty()).collect();
        let commands = words.iter().enumerate().filter(|(_, word)| **word == "cargo");
        for (at, _) in commands {
            let (mut folder, command) = ("", words.iter().skip(at).take(14));
            for pair in command.copied().collect::<Vec<_>>().windows(2) {
                let is_there = match pair {
                    ["cargo", _] if folder.is_empty() => continue,
                    ["cargo", _] => break,
                    ["-p" | "--package", name] => {
                        folder = name;
                        crates.contains(*name)
                    }
                    ["--test", name] => is_test(folder, name),
                    ["--bench", name] => exists(&format!("tests/benches/{name}.rs")),
                    _ => continue,
                };
                if !is_there {
                    missing.push(format!("{document}: {}", pair.join(" ")));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Whether a crate has this test binary.
fn is_test(name_of_crate: &str, test: &str) -> bool {
    let folders = ["shared", "functions", "infra"].map(|folder| format!("{folder}/{name_of_crate}"));
    let folders = folders.into_iter().chain((name_of_crate == "stories").then(|| "tests".to_owned()));
    folders
        .flat_map(|folder| [format!("{folder}/tests/{test}.rs"), format!("{folder}/tests/{test}/main.rs")])
        .any(|path| exists(&path))
}
