//! One thing that was looked at, how it is, and what to do if it is not as it should be.

use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Ok,
    /// Works, and somebody should know.
    Warning,
    /// Does not work, or would lose something.
    Problem,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `stack`, `tables`, `queues`, `bucket`, `functions`, `secrets`, `schedule`, `web`, `campaigns`.
    pub area: &'static str,
    /// What was looked at, by its name in the template where it has one.
    pub subject: String,
    pub verdict: Verdict,
    pub finding: String,
    pub todo: Option<String>,
}

/// Everything that was looked at, in that order.
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

    /// Everything that is wrong with one thing, or that nothing is.
    pub fn faults(&mut self, area: &'static str, subject: &str, faults: Vec<String>, fine: &str, todo: &str) {
        match faults.is_empty() {
            true => self.ok(area, subject, fine),
            false => self.problem(area, subject, faults.join("; "), todo),
        }
    }

    fn add(&mut self, area: &'static str, subject: String, verdict: Verdict, finding: String, todo: Option<String>) {
        self.0.push(Finding { area, subject, verdict, finding, todo });
    }

    /// For people: a line each, and what to do below it.
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
