//! Writes the report of a campaign: every recipient's outcome, as a CSV file for Excel.

use app::audience::AudienceRows;
use aws::files::FileKey;
use contacts::Sheet;
use domain::campaign::Campaign;
use domain::ledger::{Minute, Record};
use domain::phone::PhoneNumber;
use jiff::tz::TimeZone;

use crate::{App, Error};

/// Batches read at once: 20 ledgers of 8 KB, and half a megabyte of audience.
const BATCHES_AT_ONCE: usize = 20;
/// Replaces a number that was erased.
const ERASED: &str = "erased";
/// Columns, named as in the API.
const HEADER: [&str; 8] =
    ["phone", "outcome", "reason", "segments", "handed_over_at", "final_at", "clicked_at", "clicks"];

/// Writes the report; repeating it writes it again.
pub async fn write(app: &App, campaign: &Campaign) -> Result<(), Error> {
    write_without(app, campaign, None).await
}

/// Writes the report with a placeholder for a number that is being erased.
pub async fn write_without(app: &App, campaign: &Campaign, erased: Option<PhoneNumber>) -> Result<(), Error> {
    let store = app.store.account(&campaign.account);
    let zone = store.account().await?.and_then(|account| TimeZone::get(&account.time_zone).ok());
    let zone = zone.unwrap_or(TimeZone::UTC);
    let batches = campaign.audience.as_ref().map_or(0, domain::campaign::Audience::batches);
    let mut sheet = Sheet::new(HEADER);
    let mut first = 0;
    while first < batches {
        let some = store.batches(&campaign.id, first, BATCHES_AT_ONCE).await?;
        let Some(last) = some.last() else { break };
        let rows = AudienceRows::read(&app.files, campaign, &some).await?;
        for pair in some.iter().flat_map(|batch| rows.of(batch)) {
            let (row, record) = pair?;
            write_row(&mut sheet, campaign, row.phone, record, &zone, erased);
        }
        first = last.number + 1;
    }
    let report = FileKey::Report { account: campaign.account.clone(), campaign: campaign.id.clone() };
    app.files.put(&report, sheet.into_bytes(), "text/csv; charset=utf-8").await?;
    Ok(())
}

fn write_row(
    sheet: &mut Sheet,
    campaign: &Campaign,
    phone: PhoneNumber,
    record: &Record,
    zone: &TimeZone,
    erased: Option<PhoneNumber>,
) {
    // Local time in a format that spreadsheets read.
    let time = |at: Option<Minute>| {
        at.map_or(String::new(), |at| at.start().to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string())
    };
    let clicks = u32::from(record.human_clicks) + u32::from(record.bot_clicks);
    let phone = match phone.is_placeholder() || erased == Some(phone) {
        true => ERASED.to_owned(),
        false => phone.to_string(),
    };
    sheet.row([
        phone.as_str(),
        campaign.outcome_code(record.state.outcome()),
        record.reason.code(),
        &record.segments.to_string(),
        &time(record.handed_over),
        &time(record.settled),
        &time(record.first_click.filter(|_| record.clicks_of_people() > 0)),
        &clicks.to_string(),
    ]);
}
