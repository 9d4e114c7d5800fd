//! The filter of a search for replies. Pure.

use jiff::Timestamp;

use super::ids::{CampaignId, ReplyId};
use super::letters::fold;
use super::phone;
use super::reply::Reply;

/// Which replies are searched for: every condition that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct ReplyFilter {
    pub campaign: Option<CampaignId>,
    /// Only replies that asked to stop (true), or only the others (false).
    pub stop: Option<bool>,
    /// At this instant or later.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub to: Option<Timestamp>,
    /// Part of the text, ignoring case and accents, or of the number (`digits`): either is enough.
    pub words: Option<String>,
    pub digits: Option<String>,
}

impl ReplyFilter {
    /// Searches for a part of the text, or for digits of the number.
    #[must_use]
    pub fn searching(self, text: &str) -> Self {
        let is_number = text.chars().all(|c| c.is_ascii_digit() || " +.-".contains(c));
        let has_digits = text.contains(|c: char| c.is_ascii_digit());
        let digits = (is_number && has_digits).then(|| phone::sought(text));
        Self { words: Some(fold(text.trim())), digits, ..self }
    }

    pub fn is_wanted(&self, reply: &Reply) -> bool {
        let has_words = self.words.as_ref().is_none_or(|words| fold(&reply.text).contains(words));
        let has_digits = self.digits.as_ref().is_some_and(|digits| reply.from.digits().to_string().contains(digits));
        self.campaign.as_ref().is_none_or(|campaign| reply.campaign.as_ref() == Some(campaign))
            && (has_words || has_digits)
            && self.stop.is_none_or(|stop| reply.is_stop == stop)
            && self.to.is_none_or(|to| reply.at < to)
    }

    /// The key of the newest reply that can match.
    pub fn begin(&self) -> Option<ReplyId> {
        self.to.map(|to| ReplyId::new(to, [0; 6]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_found_by_its_words_and_by_its_number() {
        let from = "+33612345678".parse().unwrap();
        let reply = Reply::new(from, "36105", "Merci, à bientôt !", None, Timestamp::UNIX_EPOCH);
        let wanted = |q: &str| ReplyFilter::default().searching(q).is_wanted(&reply);
        for q in ["bientot", "MERCI", "à bientôt", "0612345678", "06 12 34", "+336123", " "] {
            assert!(wanted(q), "{q}");
        }
        for q in ["adieu", "0698", "merci 06"] {
            assert!(!wanted(q), "{q}");
        }
    }
}
