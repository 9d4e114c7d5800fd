//! The credit ledger: every movement, newest first.

use std::collections::{BTreeMap, BTreeSet};

use domain::credits::MovementKind;
use domain::ids::CampaignId;
use maud::html;

use super::page;
use crate::pages::campaigns;
use crate::view::parts::Errors;
use crate::visitor::{Answer, PageError, Visitor};
use crate::words::{self, Word};

const PAGE: usize = 100;

fn word(kind: MovementKind) -> Word {
    match kind {
        MovementKind::Granted => words::account::GRANTED,
        MovementKind::Withdrawn => words::account::WITHDRAWN,
        MovementKind::Reserved => words::account::RESERVED,
        MovementKind::Used => words::account::USED,
        MovementKind::GivenBack => words::account::GIVEN_BACK,
        MovementKind::Spent => words::account::SPENT,
        MovementKind::Refunded => words::account::REFUNDED,
    }
}

/// Names of the campaigns of entries, by id.
pub async fn names(
    visitor: &Visitor,
    about: impl Iterator<Item = &str>,
) -> Result<BTreeMap<String, String>, PageError> {
    let ids: BTreeSet<CampaignId> = about.filter_map(|about| about.parse().ok()).collect();
    let ids: Vec<_> = ids.into_iter().collect();
    let found = visitor.context.store.campaign_names(&ids).await?;
    Ok(found.into_iter().map(|(id, name)| (id.to_string(), name)).collect())
}

pub async fn show(visitor: Visitor) -> Answer {
    let movements = visitor.context.store.movements(visitor.query("after").as_deref(), PAGE).await?;
    let names = names(&visitor, movements.items.iter().map(|one| one.about.as_str())).await?;
    let content = html! {
        (campaigns::credits(&visitor))
        @if movements.items.is_empty() { p.empty { (visitor.text(words::account::LEDGER_EMPTY)) } }
        @else {
            div.sheet {
                table.cards {
                    caption.unseen { (visitor.text(words::account::LEDGER)) }
                    thead { tr {
                        th scope="col" { (visitor.text(words::account::WHEN)) } th scope="col" { (visitor.text(words::account::MOVEMENT)) }
                        th.right scope="col" { (visitor.text(words::account::AMOUNT)) } th scope="col" { (visitor.text(words::account::ABOUT)) }
                    } }
                    tbody {
                        @for one in &movements.items {
                            tr {
                                td data-label=(visitor.text(words::account::WHEN)) { (visitor.at(one.at)) }
                                td data-label=(visitor.text(words::account::MOVEMENT)) { (visitor.text(word(one.kind))) }
                                td.right data-label=(visitor.text(words::account::AMOUNT)) {
                                    @match one.kind.signs().0 { 1 => "+", -1 => "−", _ => "" } (visitor.number(one.credits))
                                }
                                td data-label=(visitor.text(words::account::ABOUT)) {
                                    @if one.about.starts_with("cmp_") { a href={ "/campaigns/" (one.about) } { (names.get(&one.about).unwrap_or(&one.about)) } } @else { (one.about) }
                                }
                            }
                        }
                    }
                }
            }
        }
        @if let Some(next) = &movements.next {
            @let query = serde_urlencoded::to_string([("after", next)]).unwrap_or_default();
            p { a href={ "/account/credits?" (query) } { (visitor.text(words::account::OLDER)) } }
        }
    };
    Ok(page(&visitor, "/account/credits", &Errors::default(), content))
}
