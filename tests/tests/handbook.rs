//! What `infra/README.md` tells operators is what `infra/template.yaml` has: every parameter with its default, and a
//! page of the runbook for every alarm.

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
fn every_parameter_and_its_default_is_told() {
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
