//! `doctor`: checks a deployment completely, changes nothing, and says what is wrong and what to do.
//!
//! - `stack`: CloudFormation; `tables`, `queues`, `bucket`: as the code needs them; `functions`: configured and
//!   connected, with their secrets; `web`: answering over HTTPS; `campaigns`: making progress.
//!
//! Checks of AWS resources run on AWS only.

mod bucket;
mod campaigns;
mod finding;
mod functions;
mod queues;
mod running;
mod secrets;
mod stack;
mod tables;
mod web;

use clap::Args;
use serde::Serialize;

use crate::CommandError;
use crate::answer::Answer;
use crate::operator::Operator;
use finding::{Finding, Findings, Verdict};

/// Something is wrong; `--help` lists the exit codes.
const UNHEALTHY: u8 = 5;

#[derive(Debug, Args)]
pub struct Doctor {
    /// URL of the API, if not the stack's
    #[arg(long, value_name = "URL")]
    api_url: Option<String>,
    /// URL of the short links, if not the stack's
    #[arg(long, value_name = "URL")]
    short_url: Option<String>,
}

#[derive(Serialize)]
struct Report<'a> {
    deployment: String,
    healthy: bool,
    problems: usize,
    warnings: usize,
    findings: &'a [Finding],
}

pub async fn run(operator: &Operator, doctor: Doctor) -> Result<Answer, CommandError> {
    let mut found = Findings::default();
    stack::look(operator, &mut found);
    tables::look(operator, &mut found).await;
    queues::look(operator, &mut found).await;
    bucket::look(operator, &mut found).await;
    functions::look(operator, &mut found).await;
    let url = |given: Option<String>, known: &str| given.unwrap_or_else(|| known.to_owned());
    let (api, short) =
        (url(doctor.api_url, &operator.deployment.api_url), url(doctor.short_url, &operator.deployment.short_url));
    web::look(operator, &api, &short, &mut found).await;
    campaigns::look(operator, &mut found).await;
    report(operator, &found)
}

fn report(operator: &Operator, found: &Findings) -> Result<Answer, CommandError> {
    let count = |verdict| found.0.iter().filter(|finding| finding.verdict == verdict).count();
    let (problems, warnings) = (count(Verdict::Problem), count(Verdict::Warning));
    let deployment = operator.deployment.to_string();
    let end = match (problems, warnings) {
        (0, 0) => format!("{deployment}: everything is as it should be"),
        (0, warnings) => format!("{deployment}: works; {warnings} warnings"),
        (problems, warnings) => format!("{deployment}: {problems} problems, {warnings} warnings"),
    };
    let text = format!("{}\n{end}\n", found.words());
    let report = Report { deployment, healthy: problems == 0, problems, warnings, findings: &found.0 };
    Ok(Answer::new(&report, text)?.with_code(if problems == 0 { 0 } else { UNHEALTHY }))
}
