//! All settings of a campaign, read-only: in the summary before validation, and in « Visualiser ».

use domain::campaign::{Campaign, Kind, MadeWith};
use maud::{Markup, html};

use super::{Step, links};
use crate::pages::preview;
use crate::visitor::{PageError, Visitor};
use crate::words;

/// Every setting; for a draft with links back to the steps.
pub async fn show(visitor: &Visitor, campaign: &Campaign, is_draft: bool) -> Result<Markup, PageError> {
    let settings = &campaign.settings;
    let mut lists = Vec::new();
    for id in &settings.lists {
        lists.push((id, visitor.context.store.list(id).await?));
    }
    let samples = preview::samples(visitor, &settings.lists).await;
    let MadeWith { sender, stop_code, short_url } =
        campaign.messages_made_with(&visitor.account, &visitor.context.short_url);
    let kind = if settings.kind == Kind::Marketing { words::draft::MARKETING } else { words::draft::ALERT };
    let at = app::campaigns::due_at(&visitor.account, campaign, visitor.now).ok();
    let pace = settings.schedule.pace_per_hour;
    let block = |step: Step, content: Markup| {
        html! {
            section.card.choice {
                h2 {
                    (visitor.text(step.word()))
                    @if is_draft {
                        a.quiet href={ "/campaigns/" (campaign.id) "/" (step.code()) }
                            aria-label=(visitor.text_with(words::draft::CHANGE, &[visitor.text(step.word())])) { (visitor.text(words::common::EDIT)) }
                    }
                }
                (content)
            }
        }
    };
    Ok(html! {
        (block(Step::General, html! { dl {
            dt { (visitor.text(words::draft::NAME)) } dd { (settings.name) }
            dt { (visitor.text(words::draft::KIND)) } dd { (visitor.text(kind)) }
            dt { (visitor.text(words::campaigns::PROOF)) } dd { (visitor.text(if settings.proof { words::common::YES } else { words::common::NO })) }
        } }))
        (block(Step::Contacts, html! { ul.plain-list {
            @for (id, list) in &lists {
                li {
                    @match list {
                        Some(list) => { a href={ "/lists/" (id) } { (list.name) } " – " (visitor.text_with(words::draft::CONTACTS_COUNT, &[visitor.number(list.contacts)])) },
                        None => (id),
                    }
                }
            }
            @if lists.is_empty() { li { "—" } }
        } }))
        (block(Step::Message, html! {
            dl { dt { (visitor.text(words::draft::SENDER)) } dd { (sender) } }
            @if settings.message.text.trim().is_empty() { p { "—" } }
            @else { p.bubble.wide-bubble { (preview::render_with(&settings.message, &stop_code, &short_url, &samples)) } }
            @if settings.message.text.contains("{{") { p.hint.raw { (settings.message.text) } }
            @for link in settings.message.all_links() { p.hint.raw { code { "{{" (link.name) "}}" } " → " (links::description(visitor, &link)) } }
        }))
        (block(Step::Schedule, html! { dl {
            dt { (visitor.text(words::campaigns::PLANNED)) }
            dd {
                @match (campaign.started_at.or(campaign.due_at), settings.schedule.at.as_ref(), at) {
                    (Some(at), _, _) | (None, Some(_), Some(at)) => { (visitor.at(at)) " (" (visitor.account.time_zone) ") – " (visitor.utc(at)) },
                    (None, Some(_), None) => (visitor.text(words::draft::AT_MALFORMED)),
                    (None, None, _) => (visitor.text(words::draft::AT_ONCE)),
                }
            }
            dt { (visitor.text(words::draft::PACE)) }
            dd { @match pace { Some(pace) => { (visitor.number(pace)) " SMS/h" }, None => "—" } }
        } }))
    })
}
