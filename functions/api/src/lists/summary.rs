//! `POST /v1/lists/summary`: « Synthèse », all chosen lists together.

use app::audience;
use app::{Context, UseCase};
use domain::campaign::LISTS_MAX;
use domain::ids::ListId;
use domain::list::List;
use serde::Deserialize;
use serde_json::json;
use web::{FieldError, Problem, Text};

use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, post};
use crate::contract::schema::{count, field, id, list, map, object};
use crate::gate::Body;

pub fn operations() -> Vec<Operation> {
    let summary = object([
        field("lists", count()),
        field(
            "contacts",
            count().about("Of all lists together, before merging", "De toutes les listes ensemble, avant fusion"),
        ),
        field(
            "duplicates",
            count().about(
                "Numbers that stand in more than one of the lists",
                "Numéros présents dans plusieurs des listes",
            ),
        ),
        field("excluded", count()),
        field("invalid", count().about("Rows that the imports rejected", "Lignes que les imports ont rejetées")),
        field("recipients", count()),
        field("by_territory", map(count())),
    ]);
    vec![
        post("/lists/summary", UseCase::ReadLists, "Counts some lists together, exclusions left out", summarise)
            .named("summarise_lists")
            .takes(object([field("list_ids", list(id("lst_"), 1, LISTS_MAX))]))
            .example(json!({ "list_ids": ["lst_06h0n5z5tpvzrpzg95ng"] }))
            .answers(200, "The counts", "Les comptes", summary.named("Summary")),
    ]
}

#[derive(Deserialize)]
struct Chosen {
    list_ids: Vec<ListId>,
}

async fn summarise(context: Context, Body(mut chosen): Body<Chosen>) -> Answered {
    let store = &context.store;
    let mut seen = std::collections::HashSet::new();
    chosen.list_ids.retain(|id| seen.insert(id.clone()));
    let mut errors = Vec::new();
    let mut invalid = 0;
    for (index, id) in chosen.list_ids.iter().enumerate() {
        let pointer = format!("/list_ids/{index}");
        match store.list(id).await? {
            None => errors.push(FieldError::new(
                "no_such_list",
                pointer,
                Text::new("there is no such list", "cette liste n’existe pas"),
            )),
            Some(list) if !list.is_readable() => {
                let text = Text::new("the list is not imported yet", "la liste n’est pas encore importée");
                errors.push(FieldError::new("list_not_ready", pointer, text));
            }
            Some(list) => invalid += rejected(&list),
        }
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors).into());
    }
    let counts = audience::summarise(store, &context.files, &chosen.list_ids).await?.counts;
    let by_territory: serde_json::Map<_, _> =
        counts.by_territory.iter().map(|(territory, count)| (territory.code().to_owned(), json!(count))).collect();
    Answer::ok(&json!({
        "lists": chosen.list_ids.len(),
        "contacts": counts.contacts,
        "duplicates": counts.duplicates,
        "excluded": counts.excluded,
        "invalid": invalid,
        "recipients": counts.recipients,
        "by_territory": by_territory,
    }))
}

/// Rows that the import of a list rejected, as its report says.
fn rejected(list: &List) -> u64 {
    list.report.as_ref().map_or(0, |report| report.invalid)
}
