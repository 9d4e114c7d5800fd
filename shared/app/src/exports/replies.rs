//! Replies from phones as a sheet.

use std::collections::HashMap;

use aws::files::{FileKey, Files};
use aws::store::AccountStore;
use contacts::Sheet;
use domain::ids::CampaignId;
use domain::reply::Reply;
use domain::reply_filter::ReplyFilter;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{CSV, Error};

/// Replies read at once.
const PAGE: usize = 1_000;
/// Most rows of one sheet: what Excel opens, without the header.
const ROWS_MAX: usize = 1_048_575;

/// The sheet's texts, in the language of the user.
#[derive(Debug, Clone, Copy)]
pub struct ReplyWords {
    /// When, from, to, text, stop, id and name of the campaign.
    pub header: [&'static str; 7],
    /// Marks a reply that asked to stop.
    pub stop: &'static str,
    /// What the file is called, without its day.
    pub name: &'static str,
}

/// Where the replies of a search can be downloaded. Times are local to the zone, in a format that spreadsheets read.
pub async fn replies(
    store: &AccountStore,
    files: &Files,
    filter: &ReplyFilter,
    zone: &TimeZone,
    words: ReplyWords,
    now: Timestamp,
) -> Result<String, Error> {
    let mut sheet = Sheet::new(words.header);
    let mut names: HashMap<CampaignId, String> = HashMap::new();
    let (mut after, mut rows) = (None, 0);
    loop {
        let page = store.replies_wanted(filter, after, PAGE).await?;
        rows += page.items.len();
        let mut unknown: Vec<_> = page.items.iter().filter_map(|reply| reply.campaign.clone()).collect();
        unknown.sort_unstable();
        unknown.dedup();
        unknown.retain(|id| !names.contains_key(id));
        names.extend(store.campaign_names(&unknown).await?);
        for reply in &page.items {
            let name = reply.campaign.as_ref().and_then(|id| names.get(id)).map_or("", String::as_str);
            write(&mut sheet, reply, zone, words.stop, name);
        }
        match page.next {
            Some(next) if rows + PAGE <= ROWS_MAX => after = Some(next),
            Some(_) | None => break,
        }
    }
    let file =
        FileKey::Export { account: store.id().clone(), name: format!("{}-{}.csv", words.name, now.as_millisecond()) };
    files.put(&file, sheet.into_bytes(), CSV).await?;
    let day = now.to_zoned_datetime(zone.clone()).date();
    Ok(files.download_address(&file, &format!("{}-{day}.csv", words.name)).await?)
}

fn write(sheet: &mut Sheet, reply: &Reply, zone: &TimeZone, stop: &str, name: &str) {
    // Local time in a format that spreadsheets read.
    let at = reply.at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string();
    let campaign = reply.campaign.as_ref().map_or("", |campaign| campaign.as_str());
    let stop = if reply.is_stop { stop } else { "" };
    sheet.row([&at, reply.from.to_string().as_str(), &reply.to, &reply.text, stop, campaign, name]);
}
