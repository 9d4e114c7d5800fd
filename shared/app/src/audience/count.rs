//! Counts an audience without writing it: recipients, segments, credits.

use aws::files::{FileKey, Files};
use aws::store::AccountStore;
use contacts::Counts;
use domain::account::Account;
use domain::campaign::{Count, CountedList, Kind, Settings};
use domain::compose::{Composer, SAMPLE_CODE, SEGMENTS_MAX, Values};
use domain::ids::ListId;
use domain::segments::Encoding;
use sha2::{Digest, Sha256};

use super::exclusions::LeftOut;
use super::open::Leaving;
use super::{Error, Sources, exclusions, open};

/// All chosen lists together, without a message: « Synthèse ».
pub async fn summarise(store: &AccountStore, files: &Files, lists: &[ListId]) -> Result<ContactsSummary, Error> {
    let sources = Sources::find(store, lists, Leaving::Excluded).await?;
    let counts = sources.open(files).await?.run(&[], |_, _| ()).await?;
    Ok(ContactsSummary { counts })
}

/// How many numbers of one list file are excluded now.
pub async fn excluded_of(store: &AccountStore, files: &Files, contacts: FileKey) -> Result<u64, Error> {
    let left_out = LeftOut::all(store).await?;
    if left_out.is_empty() {
        return Ok(0);
    }
    let opened = open::open(files, vec![contacts], left_out).await?;
    Ok(opened.run(&[], |_, _| ()).await?.excluded)
}

/// The figures of « Synthèse ».
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactsSummary {
    pub counts: Counts,
}

/// Counts exactly what the campaign would send now. `progress` gets the number of recipients counted so far.
pub async fn count(
    store: &AccountStore,
    files: &Files,
    account: &Account,
    settings: &Settings,
    short_url: &str,
    mut progress: impl FnMut(u32),
) -> Result<Count, Error> {
    let composer = Composer::new(&settings.message, &account.stop_code, short_url).map_err(Error::Message)?;
    // The fingerprint is taken before the files are read: a change meanwhile makes the count stale, never wrong.
    let of = fingerprint(store, account, settings).await?;
    let sources = Sources::find(store, &settings.lists, Leaving::new(settings.kind)).await?;
    let (mut meter, lists) = (Meter::new(&composer), sources.counted_lists());
    let counts = sources
        .open(files)
        .await?
        .run(composer.columns(), |_, fields| {
            meter.add(fields);
            if meter.count.recipients.is_multiple_of(PROGRESS_STEP) {
                progress(meter.count.recipients);
            }
        })
        .await?;
    Ok(meter.finish(of, lists, &counts))
}

/// Recipients between two progress updates.
const PROGRESS_STEP: u32 = 65_536;

/// Adds up messages as they would be sent.
pub(super) struct Meter<'a> {
    composer: &'a Composer,
    codes: Vec<[u8; 8]>,
    scratch: Vec<String>,
    text: String,
    pub(super) count: Count,
}

impl<'a> Meter<'a> {
    pub(super) fn new(composer: &'a Composer) -> Self {
        let codes = vec![SAMPLE_CODE; composer.links()];
        Self { composer, codes, scratch: Vec::new(), text: String::new(), count: Count::default() }
    }

    /// Counts one recipient's message and returns its segments.
    pub(super) fn add(&mut self, fields: &[String]) -> u32 {
        self.composer.write(&Values { fields, codes: &self.codes }, &mut self.scratch, &mut self.text);
        let counted = Composer::count(&self.text);
        let count = &mut self.count;
        count.recipients += 1;
        count.segments_min =
            if count.recipients == 1 { counted.segments } else { count.segments_min.min(counted.segments) };
        count.segments_max = count.segments_max.max(counted.segments);
        count.unicode += u32::from(counted.encoding == Encoding::Ucs2);
        // A message that is too long is never sent, and costs nothing.
        match counted.segments > SEGMENTS_MAX {
            true => count.too_long += 1,
            false => count.credits += u64::from(counted.segments),
        }
        counted.segments
    }

    pub(super) fn finish(self, of: String, lists: Vec<CountedList>, counts: &Counts) -> Count {
        Count {
            of,
            lists,
            contacts: counts.contacts,
            duplicates: counts.duplicates,
            excluded: counts.excluded,
            by_territory: counts.by_territory.iter().map(|(territory, count)| (territory.code(), *count)).collect(),
            ..self.count
        }
    }
}

/// A fingerprint of everything that a count depends on: lists and their versions, exclusions, message, STOP code.
pub async fn fingerprint(store: &AccountStore, account: &Account, settings: &Settings) -> Result<String, Error> {
    let mut hash = Sha256::new();
    let mut word = |text: &str| {
        hash.update(text.len().to_be_bytes());
        hash.update(text.as_bytes());
    };
    for id in &settings.lists {
        let list = store.list(id).await?;
        word(id.as_str());
        word(&list.map_or(String::new(), |list| format!("{} {:?}", list.generation, list.imported_at)));
    }
    if settings.kind == Kind::Marketing {
        for file in exclusions::files(store).await? {
            word(&format!("{:?}", file.key));
        }
        word(&format!("{:?}", store.last_decision_at().await?));
    }
    for fingerprint in store.erased().await?.fingerprints() {
        word(&fingerprint.to_string());
    }
    let message = &settings.message;
    word(settings.kind.code());
    word(&message.text);
    word(if message.stop { &account.stop_code } else { "" });
    for name in message.links.iter().map(|link| &link.name).chain(message.images.iter().map(|image| &image.name)) {
        word(name);
    }
    Ok(hex::encode(&hash.finalize()[..16]))
}
