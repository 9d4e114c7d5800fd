//! Queries of the sandbox's data: pages of messages, and one message with its text.

use super::book::Book;
use super::row::{NONE, Row, RowNumber, Written};

/// The filter of a page.
#[derive(Debug, Default)]
pub struct Filter<'a> {
    /// Digits of a number; zero matches nothing.
    pub to: Option<u64>,
    /// `cmp_…`.
    pub campaign: Option<&'a str>,
    /// Only messages after this one.
    pub after: Option<RowNumber>,
}

/// A message with its text.
pub struct Message {
    pub row: Row,
    pub id: String,
    pub from: String,
    pub to: String,
    pub text: String,
    pub encoding: String,
    pub segments: u32,
}

/// Numbers of up to `limit` messages in order of submission, and the cursor of the next page, if there is one.
pub fn page(book: &Book, filter: &Filter<'_>, limit: usize) -> (Vec<RowNumber>, Option<RowNumber>) {
    let memory = book.memory();
    let first = filter.after.map_or(0, |after| after.saturating_add(1));
    let campaign = match filter.campaign {
        None => None,
        Some(id) => match id.strip_prefix("cmp_").and_then(|tail| memory.campaign(tail)) {
            Some(number) => Some(number),
            None => return (Vec::new(), None),
        },
    };
    let fits = |number: &RowNumber| {
        let row = memory.rows().get(*number as usize);
        row.is_some_and(|row| campaign.is_none_or(|campaign| row.campaign == campaign))
    };
    let mut numbers: Vec<RowNumber> = match filter.to {
        Some(to) => {
            let mut found: Vec<_> = conversation(book, to).take_while(|number| *number >= first).filter(fits).collect();
            found.reverse();
            found.truncate(limit + 1);
            found
        }
        None => (first..memory.rows().len() as RowNumber).filter(fits).take(limit + 1).collect(),
    };
    let is_more = numbers.len() > limit;
    numbers.truncate(limit);
    let next = if is_more { numbers.last().copied() } else { None };
    (numbers, next)
}

/// The messages to one number, newest first.
pub fn conversation(book: &Book, to: u64) -> impl Iterator<Item = RowNumber> {
    let memory = book.memory();
    let newest = if to == 0 { None } else { memory.newest(to) };
    std::iter::successors(newest, |number| {
        let previous = memory.rows().get(*number as usize)?.previous;
        (previous != NONE).then_some(previous)
    })
}

/// The newest message of each number, newest first, beginning below `before`.
pub fn newest_of_each(book: &Book, before: Option<RowNumber>) -> impl Iterator<Item = RowNumber> {
    let memory = book.memory();
    let end = before.unwrap_or(RowNumber::MAX).min(memory.rows().len() as RowNumber);
    (0..end).rev().filter(|number| {
        let row = memory.rows().get(*number as usize);
        row.is_some_and(|row| row.to != 0 && memory.newest(row.to) == Some(*number))
    })
}

/// One message with its text, read from the journal.
pub fn message(book: &Book, number: RowNumber) -> Option<Message> {
    let row = *book.memory().rows().get(number as usize)?;
    let line = book.line(&row).ok()?;
    let written: Written<'_> = serde_json::from_slice(&line).ok()?;
    Some(Message {
        row,
        id: written.id.into_owned(),
        from: written.from.into_owned(),
        to: written.to.into_owned(),
        text: written.text.into_owned(),
        encoding: written.encoding.into_owned(),
        segments: written.segments,
    })
}
