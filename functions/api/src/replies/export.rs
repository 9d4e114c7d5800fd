//! `GET /v1/replies/export`: the replies that are asked for, as a CSV that Excel opens well.

use jiff::tz::TimeZone;
use shared::contacts::Sheet;
use shared::domain::account::Scope;
use shared::domain::reply::Reply;
use shared::files::FileKey;

use super::page::{Wanted, filters, replies};
use crate::App;
use crate::account::account_of;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get};
use crate::contract::schema::id;
use crate::gate::{Caller, Paging, Query};
use crate::lists::CSV;

/// Replies read at once.
const PAGE: usize = 1_000;
/// Rows of one sheet: what Excel opens, its header aside.
const ROWS_MAX: usize = 1_048_575;

pub fn operations() -> Vec<Operation> {
    let export = get("/replies/export", Scope::Read, "Replies as a CSV that Excel opens well", export)
        .named("export_replies")
        .query("campaign", id("cmp_").about("Answers to this campaign"));
    vec![filters(export).answers_empty(303, "To the file")]
}

async fn export(app: App, caller: Caller, query: Query) -> Answered {
    let (store, wanted) = (app.store_of(&caller), Wanted::of(&query));
    let zone = account_of(&app, &caller).await?.zone();
    let mut sheet = Sheet::new(["at", "from", "to", "text", "stop", "campaign"]);
    let (mut after, mut rows) = (None, 0);
    loop {
        let page = replies(&store, Paging { after, limit: PAGE }, &wanted).await?;
        rows += page.items.len();
        page.items.iter().for_each(|reply| write(&mut sheet, reply, &zone));
        match page.next {
            Some(next) if rows + PAGE <= ROWS_MAX => after = Some(next),
            Some(_) | None => break,
        }
    }
    let now = app.clock.now();
    let name = format!("replies-{}.csv", now.as_millisecond());
    let file = FileKey::Export { account: caller.account.clone(), name };
    app.files.put(&file, sheet.into_bytes(), CSV).await?;
    Ok(Answer::see(&app.files.download_address(&file, &format!("replies-{}.csv", now.strftime("%Y-%m-%d"))).await?))
}

fn write(sheet: &mut Sheet, reply: &Reply, zone: &TimeZone) {
    // Local time as spreadsheets read it.
    let at = reply.at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string();
    let campaign = reply.campaign.as_ref().map_or("", |campaign| campaign.as_str());
    let stop = if reply.is_stop { "stop" } else { "" };
    sheet.row([&at, reply.from.to_string().as_str(), &reply.to, &reply.text, stop, campaign]);
}
