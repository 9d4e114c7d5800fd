//! Step 1, « Général »: name, kind, proof or not, and the settings of an earlier campaign.

use app::UseCase;
use app::drafts::{self, DraftChanges, OnInvalid};
use aws::store::Projection;
use axum::extract::Path;
use axum::response::Response;
use domain::campaign::{Campaign, Kind, NAME_CHARACTERS_MAX, Settings};
use maud::{Markup, html};

use super::{SaveResult, Sheet, Step, destination, differences, keep, leave, open};
use crate::view::parts::{Errors, Field, tick};
use crate::visitor::{Answer, Fields, Visitor, redirect_to};
use crate::words;

/// Earlier campaigns whose settings can be loaded, newest first.
const EARLIER: usize = 200;

pub async fn new(visitor: Visitor) -> Answer {
    visitor.needs(UseCase::CreateDraft)?;
    let settings = Settings::default();
    page(&visitor, None, &settings, &Errors::default(), false).await
}

/// The first save creates the draft.
pub async fn create(visitor: Visitor, fields: Fields) -> Answer {
    let loads = fields.get("go") == "load";
    let settings = typed(Settings::default(), &fields);
    let errors = errors(&visitor, &settings);
    if !errors.is_empty() && !loads {
        return page(&visitor, None, &settings, &errors, false).await;
    }
    let mut changes = changes(&settings, &fields);
    changes.message.stop = changes.from_campaign.is_none().then_some(true);
    let draft = drafts::create(&visitor.context, fields.id(), &changes, OnInvalid::Keep).await?;
    let general = format!("/campaigns/{}/general", draft.id);
    Ok(redirect_to(&match loads {
        true => format!("{general}?done=saved"),
        false => destination(&draft.id, Step::General, &fields).unwrap_or(general),
    }))
}

pub async fn show(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let campaign = open(&visitor, &id).await?;
    page(&visitor, Some(&campaign), &campaign.settings, &Errors::default(), false).await
}

pub async fn save(visitor: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let stored = open(&visitor, &id).await?;
    let settings = typed(stored.settings.clone(), &fields);
    let (loads, errors) = (fields.get("go") == "load", errors(&visitor, &settings));
    match keep(&visitor, Step::General, &stored, &changes(&settings, &fields), &fields).await? {
        SaveResult::Stale(now) => page(&visitor, Some(&now), &settings, &errors, true).await,
        SaveResult::Saved(saved) if loads => Ok(redirect_to(&format!("/campaigns/{}/general?done=saved", saved.id))),
        SaveResult::Saved(saved) => match leave(&saved, Step::General, &fields, &errors) {
            Some(answer) => answer,
            None => page(&visitor, Some(&saved), &settings, &errors, false).await,
        },
    }
}

/// The typed changes. « Charger » takes every setting of the chosen campaign, except a typed name and what makes this
/// one a proof.
fn changes(typed: &Settings, fields: &Fields) -> DraftChanges {
    let from_campaign = fields.get("from").parse().ok().filter(|_| fields.get("go") == "load");
    let loads = from_campaign.is_some();
    let name = Some(typed.name.clone()).filter(|name| !loads || !name.is_empty());
    let kind = (!loads).then_some(typed.kind);
    DraftChanges { from_campaign, name, kind, proof: Some(typed.proof), ..DraftChanges::default() }
}

fn typed(settings: Settings, fields: &Fields) -> Settings {
    let kind = fields.get("kind").parse().unwrap_or(Kind::Marketing);
    Settings { name: fields.get("name").trim().to_owned(), kind, proof: fields.has("proof"), ..settings }
}

fn errors(visitor: &Visitor, settings: &Settings) -> Errors {
    let mut errors = Errors::default();
    match settings.name.chars().count() {
        0 => errors.add("name", visitor.text(words::draft::NAME_MISSING)),
        1..=NAME_CHARACTERS_MAX => {}
        _ => errors.add("name", visitor.text(words::draft::NAME_LONG)),
    }
    errors
}

async fn page(
    visitor: &Visitor,
    stored: Option<&Campaign>,
    typed: &Settings,
    errors: &Errors,
    is_stale: bool,
) -> Answer {
    let mut earlier = visitor.context.store.campaign_projections(EARLIER).await?;
    earlier.retain(|campaign| stored.is_none_or(|stored| stored.id != campaign.id));
    let stale = stored.and_then(|now| differences(visitor, Step::General, typed, now, is_stale));
    let sheet = Sheet { step: Step::General, stored, errors, stale };
    Ok(show_form(visitor, &sheet, typed, &earlier))
}

fn show_form(visitor: &Visitor, sheet: &Sheet<'_>, typed: &Settings, earlier: &[Projection]) -> Response {
    let name = Field {
        name: "name",
        label: visitor.text(words::draft::NAME),
        hint: Some(visitor.text(words::draft::NAME_HINT)),
        error: sheet.errors.of("name"),
    };
    let content = html! {
        div.columns {
            section.card {
                (name.input("text", &typed.name, "off"))
                (kinds(visitor, typed.kind))
            }
            section.card {
                (tick("proof", typed.proof, visitor.text(words::draft::PROOF), Some(visitor.text(words::draft::PROOF_HINT))))
                @if !earlier.is_empty() {
                    hr;
                    div.field {
                        label for="from" { (visitor.text(words::draft::LOAD)) }
                        p.hint #from-hint { (visitor.text(words::draft::LOAD_HINT)) }
                        div.joined {
                            select #from name="from" aria-describedby="from-hint" {
                                option value="" { (visitor.text(words::draft::LOAD_NONE)) }
                                @for campaign in earlier {
                                    option value=(campaign.id) {
                                        (campaign.name) " – " (visitor.date(campaign.created_at))
                                        @if campaign.proof { " (" (visitor.text(words::campaigns::PROOF)) ")" }
                                    }
                                }
                            }
                            button.button.plain name="go" value="load" { (visitor.text(words::draft::LOAD_DO)) }
                        }
                    }
                }
            }
        }
    };
    sheet.page(visitor, sheet.stored.map_or("", |stored| &stored.settings.name), content)
}

fn kinds(visitor: &Visitor, kind: Kind) -> Markup {
    let option = |of: Kind, label: &str, hint: &str| {
        html! {
            label.tick {
                input type="radio" name="kind" value=(of.code()) checked[of == kind];
                span { strong { (label) } small { (hint) } }
            }
        }
    };
    html! {
        fieldset {
            legend { (visitor.text(words::draft::KIND)) }
            (option(Kind::Marketing, visitor.text(words::draft::MARKETING), visitor.text(words::draft::MARKETING_HINT)))
            (option(Kind::Alert, visitor.text(words::draft::ALERT), visitor.text(words::draft::ALERT_HINT)))
        }
    }
}
