//! `POST /v1/lists/summary`: « Synthèse », all chosen lists together.

use std::collections::BTreeMap;

use app::audience;
use app::{Context, UseCase};
use domain::campaign::LISTS_MAX;
use domain::ids::ListId;
use domain::list::List;
use serde_json::json;
use web::{FieldError, Problem, Text};

use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, post};
use crate::contract::schema::list;
use crate::gate::Body;

pub fn operations() -> Vec<Operation> {
    vec![
        post("/lists/summary", UseCase::ReadLists, summarise)
            .summary(
                "Counts some lists together, exclusions left out",
                "Synthèse de plusieurs listes, exclusions déduites",
            )
            .named("summarise_lists")
            .example(json!({ "list_ids": ["lst_06h0n5z5tpvzrpzg95ng"] }))
            .answers::<SummaryView>(200, "The counts", "Les comptes"),
    ]
}

requests! {
    struct Chosen {
        list_ids: Vec<ListId> = list(ListId::schema(), 1, LISTS_MAX),
    }
}

answers! {
    struct SummaryView as "Summary" {
        lists: usize,
        /// Of all lists together, before merging
        /// De toutes les listes ensemble, avant fusion
        contacts: u64,
        /// Numbers that stand in more than one of the lists
        /// Numéros présents dans plusieurs des listes
        duplicates: u64,
        excluded: u64,
        /// Rows that the imports rejected
        /// Lignes que les imports ont rejetées
        invalid: u64,
        recipients: u64,
        by_territory: BTreeMap<&'static str, u64>,
    }
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
    Answer::ok(&SummaryView {
        lists: chosen.list_ids.len(),
        contacts: counts.contacts,
        duplicates: counts.duplicates,
        excluded: counts.excluded,
        invalid,
        recipients: counts.recipients,
        by_territory: counts.by_territory.iter().map(|(territory, count)| (territory.code(), *count)).collect(),
    })
}

/// Rows that the import of a list rejected, as its report says.
fn rejected(list: &List) -> u64 {
    list.report.as_ref().map_or(0, |report| report.invalid)
}
