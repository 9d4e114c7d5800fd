//! The result of one check, and what to do if something is wrong.

use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Ok,
    /// Works, but operators should know.
    Warning,
    /// Does not work, or would lose data.
    Problem,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `stack`, `tables`, `queues`, `bucket`, `functions`, `secrets`, `schedule`, `web`, `campaigns`.
    pub area: &'static str,
    /// What was checked, by its name in the template if it has one.
    pub subject: String,
    pub verdict: Verdict,
    pub finding: String,
    pub todo: Option<String>,
}

/// All results, in the order of the checks.
#[derive(Debug, Default)]
pub struct Findings(pub Vec<Finding>);

impl Findings {
    pub fn ok(&mut self, area: &'static str, subject: impl Into<String>, finding: impl Into<String>) {
        self.add(area, subject.into(), Verdict::Ok, finding.into(), None);
    }

    pub fn warning(
        &mut self,
        area: &'static str,
        subject: impl Into<String>,
        finding: impl Into<String>,
        todo: impl Into<String>,
    ) {
        self.add(area, subject.into(), Verdict::Warning, finding.into(), Some(todo.into()));
    }

    pub fn problem(
        &mut self,
        area: &'static str,
        subject: impl Into<String>,
        finding: impl Into<String>,
        todo: impl Into<String>,
    ) {
        self.add(area, subject.into(), Verdict::Problem, finding.into(), Some(todo.into()));
    }

    /// Adds all problems of one subject, or one result without problems.
    pub fn problems(&mut self, area: &'static str, subject: &str, problems: Vec<String>, fine: &str, todo: &str) {
        match problems.is_empty() {
            true => self.ok(area, subject, fine),
            false => self.problem(area, subject, problems.join("; "), todo),
        }
    }

    fn add(&mut self, area: &'static str, subject: String, verdict: Verdict, finding: String, todo: Option<String>) {
        self.0.push(Finding { area, subject, verdict, finding, todo });
    }

    /// For people: one line each, followed by what to do.
    pub fn words(&self) -> String {
        let width = self.0.iter().map(|finding| finding.area.len() + finding.subject.chars().count() + 1).max();
        let line = |finding: &Finding| {
            let sign = match finding.verdict {
                Verdict::Ok => "ok     ",
                Verdict::Warning => "look   ",
                Verdict::Problem => "WRONG  ",
            };
            let name = format!("{} {}", finding.area, finding.subject);
            let todo = finding.todo.as_ref().map(|todo| format!("         -> {todo}\n")).unwrap_or_default();
            format!("{sign}{name:<width$}  {}\n{todo}", finding.finding, width = width.unwrap_or(0))
        };
        self.0.iter().map(line).collect()
    }
}
