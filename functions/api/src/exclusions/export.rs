//! `GET /v1/exclusions/export`: all present exclusions, as a CSV file for Excel.

use app::exports::{self, ExclusionWords};
use app::{Context, UseCase};
use domain::account::ExclusionSource;

use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get};

pub fn operations() -> Vec<Operation> {
    vec![
        get("/exclusions/export", UseCase::ReadExclusions, export)
            .summary(
                "Every excluded number, as a CSV that Excel opens well",
                "Tous les numéros exclus en CSV, que lit bien un tableur",
            )
            .named("export_exclusions")
            .answers_empty(303, "To the file", "Vers le fichier"),
    ]
}

async fn export(context: Context) -> Answered {
    let now = context.now();
    let words = ExclusionWords {
        header: ["phone", "source", "reason", "by", "at"],
        source: &ExclusionSource::code,
        at: &|at| at.to_string(),
        file: format!("exclusions-{}.csv", now.strftime("%Y-%m-%d")),
    };
    Ok(Answer::redirect_to(&exports::exclusions(&context.store, &context.files, &words, now).await?))
}
