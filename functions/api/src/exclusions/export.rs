//! `GET /v1/exclusions/export`: everything that is excluded now, as a CSV that Excel opens well.

use app::exports::{self, ExclusionWords};
use domain::account::{ExclusionSource, Scope};

use crate::App;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get};
use crate::gate::Caller;

pub fn operations() -> Vec<Operation> {
    vec![
        get("/exclusions/export", Scope::Read, "Every excluded number, as a CSV that Excel opens well", export)
            .named("export_exclusions")
            .answers_empty(303, "To the file", "Vers le fichier"),
    ]
}

async fn export(app: App, caller: Caller) -> Answered {
    let now = app.clock.now();
    let words = ExclusionWords {
        header: ["phone", "source", "reason", "by", "at"],
        source: &ExclusionSource::code,
        at: &|at| at.to_string(),
        file: format!("exclusions-{}.csv", now.strftime("%Y-%m-%d")),
    };
    Ok(Answer::see(&exports::exclusions(&app.store_of(&caller), &app.files, &words, now).await?))
}
