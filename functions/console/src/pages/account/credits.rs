//! The credit ledger: every movement, newest first.

use std::collections::{BTreeMap, BTreeSet};

use domain::credits::MovementKind;
use domain::ids::CampaignId;
use maud::html;

use super::page;
use crate::gate::{Answer, Failure, Visitor};
use crate::pages::campaigns;
use crate::view::parts::Errors;
use crate::words::{Word, account as a};

const PAGE: usize = 100;

fn word(kind: MovementKind) -> Word {
    match kind {
        MovementKind::Granted => a::GRANTED,
        MovementKind::Withdrawn => a::WITHDRAWN,
        MovementKind::Reserved => a::RESERVED,
        MovementKind::Used => a::USED,
        MovementKind::GivenBack => a::GIVEN_BACK,
        MovementKind::Spent => a::SPENT,
        MovementKind::Refunded => a::REFUNDED,
    }
}

/// Names of the campaigns that entries are about, by their ids.
pub async fn names(v: &Visitor, about: impl Iterator<Item = &str>) -> Result<BTreeMap<String, String>, Failure> {
    let ids: BTreeSet<CampaignId> = about.filter_map(|about| about.parse().ok()).collect();
    let ids: Vec<_> = ids.into_iter().collect();
    let found = v.context.store.campaign_names(&ids).await?;
    Ok(found.into_iter().map(|(id, name)| (id.to_string(), name)).collect())
}

pub async fn show(v: Visitor) -> Answer {
    let movements = v.context.store.movements(v.query("after").as_deref(), PAGE).await?;
    let names = names(&v, movements.items.iter().map(|one| one.about.as_str())).await?;
    let content = html! {
        (campaigns::credits(&v))
        @if movements.items.is_empty() { p.empty { (v.t(a::LEDGER_EMPTY)) } }
        @else {
            div.sheet {
                table.cards {
                    caption.unseen { (v.t(a::LEDGER)) }
                    thead { tr {
                        th scope="col" { (v.t(a::WHEN)) } th scope="col" { (v.t(a::MOVEMENT)) }
                        th.right scope="col" { (v.t(a::AMOUNT)) } th scope="col" { (v.t(a::ABOUT)) }
                    } }
                    tbody {
                        @for one in &movements.items {
                            tr {
                                td data-label=(v.t(a::WHEN)) { (v.at(one.at)) }
                                td data-label=(v.t(a::MOVEMENT)) { (v.t(word(one.kind))) }
                                td.right data-label=(v.t(a::AMOUNT)) {
                                    @match one.kind.signs().0 { 1 => "+", -1 => "−", _ => "" } (v.number(one.credits))
                                }
                                td data-label=(v.t(a::ABOUT)) {
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
            p { a href={ "/account/credits?" (query) } { (v.t(a::OLDER)) } }
        }
    };
    Ok(page(&v, "/account/credits", &Errors::default(), content))
}
