//! `GET /v1/exclusions/export`: everything that is excluded now, as a CSV that Excel opens well.

use std::collections::HashMap;

use shared::audience;
use shared::contacts::{Rows, Sheet};
use shared::domain::account::{Exclusion, Scope};
use shared::domain::phone::PhoneNumber;
use shared::files::FileKey;

use super::change::broken;
use crate::App;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get};
use crate::gate::Caller;
use crate::lists::CSV;

pub fn operations() -> Vec<Operation> {
    vec![
        get("/exclusions/export", Scope::Read, "Every excluded number, as a CSV that Excel opens well", export)
            .named("export_exclusions")
            .answers_empty(303, "To the file"),
    ]
}

/// Of one number: when an import named it, or nothing but its own decision.
type Named = (PhoneNumber, jiff::Timestamp);

async fn export(app: App, caller: Caller) -> Answered {
    let store = app.store_of(&caller);
    let (decisions, files) = (store.all_decisions().await?, audience::exclusion_files(&store).await?);
    let decisions: HashMap<PhoneNumber, Exclusion> =
        decisions.into_iter().map(|decision| (decision.phone, decision)).collect();
    let mut named: Vec<Named> =
        decisions.values().filter(|decision| decision.excluded).map(|decision| (decision.phone, decision.at)).collect();
    for file in &files {
        let octets = app.files.get(&file.key).await?;
        for row in Rows::of_file(&octets).map_err(broken)? {
            let phone = row.map_err(broken)?.phone;
            let is_newest =
                decisions.get(&phone).is_none_or(|decision| !decision.excluded && file.imported_at >= decision.at);
            if is_newest {
                named.push((phone, file.imported_at));
            }
        }
    }
    named.sort_unstable();
    // Of several imports the newest: the last of its number.
    let newest = named.chunk_by(|one, other| one.0 == other.0).filter_map(<[Named]>::last);
    let mut sheet = Sheet::new(["phone", "source", "reason", "by", "at"]);
    for (phone, at) in newest {
        let decision = decisions.get(phone).filter(|decision| decision.excluded);
        let (source, reason, by) = match decision {
            Some(decision) => {
                (decision.source.code(), decision.reason.as_deref().unwrap_or_default(), decision.by.as_str())
            }
            None => ("import", "", ""),
        };
        sheet.row([phone.to_string().as_str(), source, reason, by, &at.to_string()]);
    }
    let now = app.clock.now();
    let name = format!("exclusions-{}.csv", now.as_millisecond());
    let file = FileKey::Export { account: caller.account.clone(), name };
    app.files.put(&file, sheet.into_bytes(), CSV).await?;
    Ok(Answer::see(&app.files.download_address(&file, &format!("exclusions-{}.csv", now.strftime("%Y-%m-%d"))).await?))
}
