//! Limits and periods of a campaign.

/// Longest name of a campaign, list or template, in characters.
pub const NAME_CHARACTERS_MAX: usize = 100;
/// Lists of one campaign at most; each is one stream of the merge.
pub const LISTS_MAX: usize = 50;
/// Short links, and image links, of one campaign at most.
pub const LINKS_MAX: usize = 10;
/// After this long without a receipt an outcome is unknown. Carriers keep trying for up to 72 hours.
pub const RECEIPTS_HOURS: i64 = 72;
/// Longest target of a short link, in characters.
pub const URL_CHARACTERS_MAX: usize = 2_048;
