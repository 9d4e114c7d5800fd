//! The bodies of webhook requests in the contract: one schema per event.

use app::import_report::ReportView;
use app::webhooks::samples;
use domain::campaign::PauseReason;
use domain::list::Purpose;
use domain::webhook::EventKind;
use serde_json::Value;

use crate::contract::described::Described;
use crate::contract::schema::{
    Localized, Schema, any_text, boolean, count, field, id, instant, maybe, object, phone, word,
};

/// A request that we send, for the document.
pub struct Call {
    pub kind: EventKind,
    pub about: Localized,
    pub body: Schema,
    /// A real one.
    pub example: Value,
}

/// One per event, in the order of [`EventKind::ALL`].
pub fn calls() -> Vec<Call> {
    let call = |(kind, example)| Call { kind, about: about(kind), body: body(kind), example };
    samples().into_iter().map(call).collect()
}

/// The shape of a body.
pub fn body(kind: EventKind) -> Schema {
    object([
        field("type", word([kind.code()])),
        field(
            "timestamp",
            instant().about(
                "When it happened; the call may come later",
                "Quand c’est arrivé ; l’appel peut venir plus tard",
            ),
        ),
        field("data", data(kind)),
    ])
}

fn about(kind: EventKind) -> Localized {
    let (english, french) = match kind {
        EventKind::CampaignStarted => ("A campaign began to send", "Une campagne a commencé son envoi"),
        EventKind::CampaignPaused => (
            "A campaign was paused, by a person or for a reason",
            "Une campagne a été mise en pause, par une personne ou pour une raison",
        ),
        EventKind::CampaignFinished => (
            "Every outcome of a campaign is final, or it was cancelled",
            "Tous les résultats d’une campagne sont définitifs, ou elle a été annulée",
        ),
        EventKind::ListReady => ("A list was imported", "Une liste a été importée"),
        EventKind::ListFailed => ("A file could not be imported", "Un fichier n’a pas pu être importé"),
        EventKind::MessageReplied => (
            "A recipient answered; a STOP is an answer, too",
            "Un destinataire a répondu ; un STOP est une réponse aussi",
        ),
        EventKind::ContactStopped => (
            "A recipient wants no more messages and was excluded",
            "Un destinataire ne veut plus de messages et a été exclu",
        ),
        EventKind::Test => {
            ("Sent on demand, to see whether a webhook hears", "Envoyé à la demande, pour voir si un webhook entend")
        }
    };
    Localized { english, french }
}

fn data(kind: EventKind) -> Schema {
    match kind {
        EventKind::CampaignStarted => object(campaign("sending")),
        EventKind::CampaignPaused => {
            object(campaign("paused")).with([field("pause_reason", word(PauseReason::ALL.map(PauseReason::code)))])
        }
        EventKind::CampaignFinished => object(campaign("finished")).with([maybe("statistics", statistics())]),
        EventKind::ListReady => object(list("ready")).with([maybe("report", ReportView::schema())]),
        EventKind::ListFailed => object(list("failed")).with([field("failure", object([field("code", any_text())]))]),
        EventKind::MessageReplied => object([
            field("from", phone()),
            field(
                "to",
                any_text().about(
                    "The short code or sender that it was sent to",
                    "Le numéro court ou l’expéditeur auquel elle a été envoyée",
                ),
            ),
            field("text", any_text()),
            field("at", instant()),
            field(
                "stop",
                boolean().about("It asks for no more messages", "Elle demande à ne plus recevoir de messages"),
            ),
            field("campaign", campaign_name().or_null()),
        ]),
        EventKind::ContactStopped => object([
            field("phone", phone()),
            field("at", instant()),
            field(
                "campaign",
                campaign_name()
                    .or_null()
                    .about("Whose message was answered, if we know", "À quel message elle répond, si on le sait"),
            ),
        ]),
        EventKind::Test => object([field("webhook", id("whk_"))]),
    }
}

fn campaign_name() -> Schema {
    object([field("id", id("cmp_")), field("name", any_text())])
}

fn campaign(status: &'static str) -> [crate::contract::schema::Field; 10] {
    let credits = object([field("reserved", count()), field("used", count()), field("given_back", count())]);
    [
        field("id", id("cmp_")),
        field("name", any_text()),
        field("kind", word(domain::campaign::Kind::ALL.map(domain::campaign::Kind::code))),
        field("proof", boolean()),
        field("status", word([status])),
        field("cancelled", boolean()),
        field("recipients", count().or_null()),
        field("credits", credits),
        field("started_at", instant().or_null()),
        field("finished_at", instant().or_null()),
    ]
}

fn statistics() -> Schema {
    let clicks = ["human", "bot", "total", "unique"].map(|name| field(name, count()));
    let counts = [
        "recipients",
        "handed_over",
        "delivered",
        "failed",
        "expired",
        "rejected",
        "unknown",
        "excluded",
        "stops",
        "replies",
    ];
    object(counts.map(|name| field(name, count()))).with([field("clicks", object(clicks))])
}

fn list(status: &'static str) -> [crate::contract::schema::Field; 5] {
    [
        field("id", id("lst_")),
        field("name", any_text()),
        field("purpose", word(Purpose::ALL.map(Purpose::code))),
        field("status", word([status])),
        field("contacts", count()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::check::check;

    #[test]
    fn what_is_sent_has_the_shape_that_is_documented() {
        for Call { kind, body, example, .. } in calls() {
            let errors = check(&body, &example);
            assert!(errors.is_empty(), "{kind:?}: {errors:?} in {example}");
        }
    }
}
