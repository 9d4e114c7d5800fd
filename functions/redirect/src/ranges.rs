//! Which link a number belongs to, cached: a range never changes once messages with its codes are sent.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws::store::{Error, LinkRange, LinkTarget, Store};
use axum::http::HeaderValue;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use tokio::sync::Semaphore;
use tracing::error;

/// Most cached ranges, of about 300 bytes each.
const RANGES_MAX: usize = 10_000;
/// Most cached numbers without a link, which are mostly guesses.
const UNASSIGNED_MAX: usize = 10_000;
/// Seconds until a cached entry is read again, so that a deleted link stops working.
const REMEMBERED_SECONDS: i64 = 5 * 60;
/// Most reads at once: when a campaign starts, thousands of hits need the same range.
const READS_AT_ONCE: usize = 16;

/// The data of a link that a hit needs.
#[derive(Debug)]
pub struct CachedRange {
    pub range: LinkRange,
    /// Its target; `None` for an image.
    pub location: Option<HeaderValue>,
    /// Its target after its end.
    fallback: Option<HeaderValue>,
    /// Second since 1970.
    read_at: i64,
}

pub struct Ranges {
    store: Store,
    reads: Semaphore,
    cache: Mutex<LinkCache>,
}

#[derive(Default)]
struct LinkCache {
    /// By first number.
    ranges: BTreeMap<u64, Arc<CachedRange>>,
    /// Numbers without a link, and when that was read.
    unassigned: BTreeMap<u64, i64>,
}

impl Ranges {
    pub fn new(store: Store) -> Self {
        Self { store, reads: Semaphore::new(READS_AT_ONCE), cache: Mutex::default() }
    }

    /// The link of a number, if there is one.
    pub async fn find(&self, number: u64, now: jiff::Timestamp) -> Result<Option<Arc<CachedRange>>, Error> {
        let second = now.as_second();
        let remembered = self.cache().find(number, second);
        let link = match remembered {
            Some(link) => link,
            None => {
                // The semaphore is never closed; if it were, reading without a permit would be harmless.
                let _permit = self.reads.acquire().await.ok();
                let meanwhile = self.cache().find(number, second);
                match meanwhile {
                    Some(link) => link,
                    None => self.read(number, second).await?,
                }
            }
        };
        Ok(link)
    }

    async fn read(&self, number: u64, second: i64) -> Result<Option<Arc<CachedRange>>, Error> {
        let read = self.store.link_range_of(number).await?;
        let link = read.and_then(|range| CachedRange::new(range, second)).map(Arc::new);
        self.cache().remember(number, link.as_ref(), second);
        Ok(link)
    }

    fn cache(&self) -> MutexGuard<'_, LinkCache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The target of a link at an instant.
#[derive(Debug, Clone)]
pub enum Leads {
    To(HeaderValue),
    ToImage,
    /// It has ended, and has no fallback.
    Nowhere,
}

impl CachedRange {
    pub fn leads(&self, now: jiff::Timestamp) -> Leads {
        let is_over = self.range.expires_at.is_some_and(|end| now >= end);
        match (is_over, &self.fallback, &self.location) {
            (true, Some(fallback), _) => Leads::To(fallback.clone()),
            (true, None, _) => Leads::Nowhere,
            (false, _, Some(location)) => Leads::To(location.clone()),
            (false, _, None) => Leads::ToImage,
        }
    }

    fn new(range: LinkRange, read_at: i64) -> Option<Self> {
        let location = match &range.target {
            LinkTarget::Image(_) => None,
            LinkTarget::Url(url) => match location(url) {
                Some(location) => Some(location),
                None => {
                    error!(campaign.id = %range.campaign, "a link's target is not a valid URL");
                    return None;
                }
            },
        };
        let fallback = range.fallback_url.as_deref().and_then(self::location);
        Some(Self { range, location, fallback, read_at })
    }
}

const NOT_PRINTABLE: &AsciiSet = &CONTROLS.add(b' ');

/// A URL as a header value: characters outside printable ASCII are percent-encoded as UTF-8 (RFC 3987, 3.1).
fn location(url: &str) -> Option<HeaderValue> {
    let encoded = utf8_percent_encode(url.trim(), NOT_PRINTABLE).to_string();
    let is_web = ["https://", "http://"].iter().any(|scheme| encoded.to_ascii_lowercase().starts_with(scheme));
    if is_web { HeaderValue::from_str(&encoded).ok() } else { None }
}

impl LinkCache {
    /// `None`: not cached. `Some(None)`: cached as belonging to no link.
    fn find(&self, number: u64, second: i64) -> Option<Option<Arc<CachedRange>>> {
        let is_fresh = |read_at: i64| second - read_at < REMEMBERED_SECONDS;
        if let Some((_, link)) = self.ranges.range(..=number).next_back()
            && number - link.range.first < link.range.count
            && is_fresh(link.read_at)
        {
            return Some(Some(link.clone()));
        }
        self.unassigned.get(&number).filter(|read_at| is_fresh(**read_at)).map(|_| None)
    }

    fn remember(&mut self, number: u64, link: Option<&Arc<CachedRange>>, second: i64) {
        match link {
            Some(link) => {
                // Full means thousands of live campaigns: reading some again is cheaper than tracking use.
                if self.ranges.len() >= RANGES_MAX {
                    self.ranges.clear();
                }
                self.ranges.insert(link.range.first, link.clone());
            }
            None => {
                if self.unassigned.len() >= UNASSIGNED_MAX {
                    self.unassigned.clear();
                }
                self.unassigned.insert(number, second);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(first: u64, count: u64, read_at: i64) -> Arc<CachedRange> {
        let range = LinkRange {
            first,
            count,
            account: "acc_01hqxz0000000000000a".parse().unwrap(),
            campaign: "cmp_01hqxz0000000000000b".parse().unwrap(),
            name: "lien".into(),
            index: 0,
            target: LinkTarget::Url("https://example.com/".into()),
            expires_at: None,
            fallback_url: None,
        };
        Arc::new(CachedRange::new(range, read_at).unwrap())
    }

    #[test]
    fn a_number_is_found_in_its_range_and_not_between_ranges() {
        let mut cache = LinkCache::default();
        for (first, count) in [(100, 50), (200, 1), (300, 10)] {
            cache.remember(first, Some(&link(first, count, 0)), 0);
        }
        for (number, expected) in [
            (99, None),
            (100, Some(100)),
            (149, Some(100)),
            (150, None),
            (200, Some(200)),
            (201, None),
            (309, Some(300)),
        ] {
            let first = cache.find(number, 0).flatten().map(|link| link.range.first);
            assert_eq!(first, expected, "{number}");
        }
        assert!(cache.find(310, 0).is_none());
    }

    #[test]
    fn an_old_cache_entry_is_read_again() {
        let mut cache = LinkCache::default();
        cache.remember(5, Some(&link(5, 1, 0)), 0);
        cache.remember(6, None, 0);
        assert!(matches!(cache.find(5, REMEMBERED_SECONDS - 1), Some(Some(_))));
        assert!(matches!(cache.find(6, REMEMBERED_SECONDS - 1), Some(None)));
        assert!(cache.find(5, REMEMBERED_SECONDS).is_none() && cache.find(6, REMEMBERED_SECONDS).is_none());
    }

    #[test]
    fn the_cache_is_bounded() {
        let mut cache = LinkCache::default();
        for number in 0..25_000 {
            cache.remember(number, None, 0);
            cache.remember(number, Some(&link(number, 1, 0)), 0);
        }
        assert!(cache.ranges.len() <= RANGES_MAX && cache.unassigned.len() <= UNASSIGNED_MAX);
    }

    #[test]
    fn only_web_addresses_lead_anywhere_and_they_fit_a_header() {
        for (url, expected) in [
            ("https://example.com/a?b=c&d=%20e#f", Some("https://example.com/a?b=c&d=%20e#f")),
            ("HTTP://example.com", Some("HTTP://example.com")),
            (
                "https://example.com/été 2026\r\nSet-Cookie: x",
                Some("https://example.com/%C3%A9t%C3%A9%202026%0D%0ASet-Cookie:%20x"),
            ),
            ("javascript:alert(1)", None),
            ("//example.com", None),
            ("", None),
        ] {
            assert_eq!(location(url).as_ref().map(|value| value.to_str().unwrap()), expected, "{url}");
        }
    }
}
