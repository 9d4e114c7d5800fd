//! The whole setting of a campaign, to be read: in the summary before validating, and in « Visualiser ».

use domain::campaign::{Campaign, Kind, MadeWith};
use maud::{Markup, html};

use crate::gate::{Failure, Visitor};
use crate::pages::draft::{Step, links};
use crate::pages::preview;
use crate::words::{campaigns as c, common as w, contacts as l, draft as d};

/// Every choice; a draft's has a way back to each step.
pub async fn show(v: &Visitor, campaign: &Campaign, is_draft: bool) -> Result<Markup, Failure> {
    let settings = &campaign.settings;
    let mut lists = Vec::new();
    for id in &settings.lists {
        lists.push((id, v.context.store.list(id).await?));
    }
    let samples = preview::samples(v, &settings.lists).await;
    let MadeWith { sender, stop_code, short_url } = campaign.messages_made_with(&v.account, &v.context.short_url);
    let kind = if settings.kind == Kind::Marketing { d::MARKETING } else { d::ALERT };
    let at = app::campaigns::due_at(&v.account, campaign, v.now).ok();
    let pace = settings.schedule.pace_per_hour;
    let block = |step: Step, content: Markup| {
        html! {
            section.card.choice {
                h2 {
                    (v.t(step.word()))
                    @if is_draft {
                        a.quiet href={ "/campaigns/" (campaign.id) "/" (step.code()) }
                            aria-label=(v.tf(d::CHANGE, &[v.t(step.word())])) { (v.t(w::EDIT)) }
                    }
                }
                (content)
            }
        }
    };
    Ok(html! {
        (block(Step::General, html! { dl {
            dt { (v.t(d::NAME)) } dd { (settings.name) }
            dt { (v.t(d::KIND)) } dd { (v.t(kind)) }
            dt { (v.t(c::PROOF)) } dd { (v.t(if settings.proof { w::YES } else { w::NO })) }
        } }))
        (block(Step::Contacts, html! { ul.plain-list {
            @for (id, list) in &lists {
                li {
                    @match list {
                        Some(list) => { a href={ "/lists/" (id) } { (list.name) } " – " (v.tf(d::CONTACTS_COUNT, &[v.number(list.contacts)])) },
                        None => (id),
                    }
                }
            }
            @if lists.is_empty() { li { "—" } }
        } }))
        (block(Step::Message, html! {
            dl { dt { (v.t(d::SENDER)) } dd { (sender) } }
            @if settings.message.text.trim().is_empty() { p { "—" } }
            @else { p.bubble.wide-bubble { (preview::render_with(&settings.message, &stop_code, &short_url, &samples)) } }
            @if settings.message.text.contains("{{") { p.hint.raw { (settings.message.text) } }
            @for link in settings.message.all_links() { p.hint.raw { code { "{{" (link.name) "}}" } " → " (links::said(v, &link)) } }
        }))
        (block(Step::Schedule, html! { dl {
            dt { (v.t(c::PLANNED)) }
            dd {
                @match (campaign.started_at.or(campaign.due_at), settings.schedule.at.as_ref(), at) {
                    (Some(at), _, _) | (None, Some(_), Some(at)) => { (v.at(at)) " (" (v.account.time_zone) ") – " (v.utc(at)) },
                    (None, Some(_), None) => (v.t(d::AT_MALFORMED)),
                    (None, None, _) => (v.t(d::AT_ONCE)),
                }
            }
            dt { (v.t(d::PACE)) }
            dd { @match pace { Some(pace) => { (v.number(pace)) " SMS/h" }, None => "—" } }
        } }))
    })
}

/// Counts by territory, as a small table.
pub fn territories<'a>(v: &Visitor, counts: impl Iterator<Item = (&'a str, u64)>) -> Markup {
    html! {
        table.small {
            caption { (v.t(d::BY_TERRITORY)) }
            tbody { @for (code, count) in counts { tr { th scope="row" { (v.t(l::territory(code))) } td.right { (v.number(count)) } } } }
        }
    }
}
