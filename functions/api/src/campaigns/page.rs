//! `GET /v1/campaigns` and `GET /v1/campaigns/{id}`.

use app::{Context, UseCase};
use aws::store::{Page, filtered};
use domain::campaign::{Campaign, Status};
use domain::ids::CampaignId;
use domain::search::NamePart;
use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::find;
use super::view::{CampaignView, STATUSES, view};
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get};
use crate::contract::schema::word;
use crate::gate::{Caller, Id, NameFilter, Pages, Query};

const LISTING: &str = "campaigns";
/// Campaigns whose progress is summed at the same time.
const SUMS_AT_ONCE: usize = 8;

pub fn operations() -> Vec<Operation> {
    vec![
        get("/campaigns", UseCase::ReadCampaigns, page)
            .summary("Campaigns, newest first", "Campagnes, de la plus récente à la plus ancienne")
            .pages::<CampaignView>(),
        get("/campaigns/{id}", UseCase::ReadCampaigns, show)
            .summary("A campaign", "Une campagne")
            .answers::<CampaignView>(200, "The campaign", "La campagne"),
    ]
}

requests! {
    struct Filter {
        /// `current` is « Campagnes en cours »: not finished, or finished today where the account is
        /// `current` : « Campagnes en cours », non terminées, ou terminées ce jour à l’heure du compte
        view?: String = word(["current", "all"]),
        /// May lag by moments
        /// Parfois avec quelques instants de retard
        status?: Status = word(STATUSES.map(Status::code)),
        ..name: NameFilter,
        /// Created at or after
        /// Créées à cet instant ou après
        from?: Timestamp,
        /// Created before
        /// Créées avant
        to?: Timestamp,
    }
}

async fn show(context: Context, caller: Caller, Id(id): Id<CampaignId>) -> Answered {
    let store = &context.store;
    let found = find(&context, &id).await?;
    let account = context.account().await?;
    Ok(Answer::ok(&view(store, &found, &account, caller.language, context.now()).await?)?.version(found.version))
}

async fn page(context: Context, caller: Caller, pages: Pages, Query(filter): Query<Filter>) -> Answered {
    let (store, now) = (context.store.clone(), context.now());
    let account = context.account().await?;
    let Filter { view: of, status, name, from, to } = filter;
    let today = (of.as_deref() == Some("current")).then(|| midnight(now, &account.zone()));
    let part = NamePart::new(name.q.as_deref().unwrap_or_default());
    let is_named = |name: &str| part.is_in(name);
    let is_wanted = |campaign: &Campaign| {
        today.is_none_or(|today| is_current(campaign, today))
            && status.is_none_or(|status| campaign.status == status)
            && from.is_none_or(|from| campaign.created_at >= from)
            && to.is_none_or(|to| campaign.created_at < to)
            && is_named(&campaign.settings.name)
    };
    // With a status only its index is read; current finished campaigns are found among the current ones.
    let indexed = status.filter(|status| today.is_none() || *status != Status::Finished);
    let (tables, names) = (&store, name.q.as_ref().map(|_| &is_named));
    let read = |after: Option<String>, limit| async move {
        let page = match (indexed, today, names) {
            (Some(status), ..) => tables.campaigns_with_status(status, names, after.as_deref(), limit).await?,
            (None, Some(since), Some(is_named)) => {
                tables.current_campaigns_named(since, is_named, after.as_deref(), limit).await?
            }
            (None, Some(since), None) => tables.current_campaigns(since, after.as_deref(), limit).await?,
            (None, None, Some(is_named)) => tables.campaigns_named(is_named, after.as_deref(), limit).await?,
            (None, None, None) => tables.campaigns(after.as_deref(), limit).await?,
        };
        // Newest first: after the first one that is too old there are no more.
        let is_over = |from: Timestamp| page.items.last().is_some_and(|last| last.created_at < from);
        let next = page.next.filter(|_| !from.is_some_and(is_over));
        Ok(Page { items: page.items, next })
    };
    let mut paging = pages.paging(LISTING)?;
    // An id begins with its instant: the page begins where the period ends.
    paging.after = paging.after.or_else(|| to.map(|to| CampaignId::new(to, [0; 6]).to_string()));
    let Page { items, next } =
        filtered(paging.after, paging.limit, read, |campaign| campaign.id.to_string(), is_wanted).await?;
    let views: Vec<_> = items.iter().map(|campaign| view(&store, campaign, &account, caller.language, now)).collect();
    let views: Vec<_> = futures_util::stream::iter(views).buffered(SUMS_AT_ONCE).try_collect().await?;
    pages.page(LISTING, Page { items: views, next }, |view| view)
}

/// A finished campaign leaves the table the next day.
fn is_current(campaign: &Campaign, today: Timestamp) -> bool {
    campaign.status != Status::Finished || campaign.finished_at.is_some_and(|at| at >= today)
}

/// When the day of an instant began in a zone.
fn midnight(now: Timestamp, zone: &TimeZone) -> Timestamp {
    now.to_zoned_datetime(zone.clone()).start_of_day().map_or(now, |zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_where_the_account_is() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let zone = |name| TimeZone::get(name).unwrap();
        assert_eq!(midnight(at("2026-12-01T22:30:00Z"), &zone("Europe/Paris")), at("2026-11-30T23:00:00Z"));
        assert_eq!(midnight(at("2026-12-01T23:30:00Z"), &zone("Europe/Paris")), at("2026-12-01T23:00:00Z"));
        assert_eq!(midnight(at("2026-12-01T22:30:00Z"), &zone("Indian/Reunion")), at("2026-12-01T20:00:00Z"));
    }
}
