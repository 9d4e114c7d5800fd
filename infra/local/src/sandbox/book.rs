//! The sandbox's memory together with its journal: every change is written before it is visible, and visible before a
//! request is answered.

use std::borrow::Cow;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::fate::{Fate, Status};
use super::journal::Journal;
use super::memory::{Delays, Memory, Reply};
use super::row::{Fingerprint, Row, RowNumber, Written, digits};

/// Longest text, so that clients cannot fill the disk: a little more than ten segments.
const TEXT_CHARACTERS_MAX: usize = 2_000;
const SENDER_CHARACTERS_MAX: usize = 20;
const SEGMENTS_MAX: u32 = 255;

/// One message of a submission.
#[derive(Debug, Clone, Deserialize)]
pub struct Incoming<'a> {
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    #[serde(borrow)]
    pub from: Cow<'a, str>,
    #[serde(borrow)]
    pub to: Cow<'a, str>,
    #[serde(borrow)]
    pub text: Cow<'a, str>,
    #[serde(borrow)]
    pub encoding: Cow<'a, str>,
    pub segments: u32,
}

/// The answer for one message of a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer<'a> {
    pub id: &'a str,
    /// Accepted, rejected or throttled.
    pub status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
}

impl<'a> Answer<'a> {
    /// An accepted message stays accepted, whatever its later status.
    fn new(message: &'a Incoming<'_>, status: Status) -> Self {
        let status = match status {
            Status::Throttled | Status::Rejected => status,
            Status::Accepted | Status::Expired | Status::Failed | Status::Delivered => Status::Accepted,
        };
        let reason = (status == Status::Rejected).then(|| message.rejection().unwrap_or("blocked"));
        Self { id: &message.id, status, reason }
    }
}

impl Incoming<'_> {
    /// Why it cannot be delivered, as a reason code of receipts.
    fn rejection(&self) -> Option<&'static str> {
        if digits(&self.to) == 0 {
            Some("invalid_number")
        } else if self.from.is_empty() || self.from.chars().count() > SENDER_CHARACTERS_MAX {
            Some("sender_refused")
        } else if self.text.chars().count() > TEXT_CHARACTERS_MAX || self.segments > SEGMENTS_MAX {
            Some("too_long")
        } else if self.text.is_empty() || self.segments == 0 || !["gsm7", "ucs2"].contains(&&*self.encoding) {
            Some("content_refused")
        } else {
            None
        }
    }

    /// Its line in the journal, with its first status.
    fn written(&self, now_ms: u64) -> Written<'_> {
        let status = match Fate::from_digits(digits(&self.to)) {
            _ if self.rejection().is_some() => Status::Rejected,
            Fate::Rejected => Status::Rejected,
            Fate::ThrottledOnce => Status::Throttled,
            Fate::Delivered | Fate::Failed | Fate::Expired | Fate::Silent | Fate::Twice | Fate::Early => {
                Status::Accepted
            }
        };
        Written {
            id: Cow::Borrowed(&self.id),
            from: Cow::Borrowed(&self.from),
            to: Cow::Borrowed(&self.to),
            text: Cow::Borrowed(&self.text),
            encoding: Cow::Borrowed(&self.encoding),
            segments: self.segments,
            status,
            at: now_ms,
        }
    }
}

/// The result of a submission.
pub struct Taken<'a> {
    pub answers: Vec<Answer<'a>>,
    /// Messages whose receipts are sent before the response.
    pub early: Vec<RowNumber>,
}

pub struct Book {
    path: PathBuf,
    delays: Delays,
    journal: Journal,
    memory: Memory,
}

impl Book {
    /// Opens the journal in `dir`, which must exist, and replays it.
    pub fn open(dir: &Path, delays: Delays) -> io::Result<Self> {
        let path = dir.join("journal");
        let (journal, memory) = remember(&path, delays)?;
        Ok(Self { path, delays, journal, memory })
    }

    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Only for the schedule, which is not written: it follows from the rest.
    pub fn memory_mut(&mut self) -> &mut Memory {
        &mut self.memory
    }

    /// Accepts a submission, each id once. After an error nothing was accepted.
    pub fn take<'a>(&mut self, messages: &'a [Incoming<'_>], now_ms: u64) -> io::Result<Taken<'a>> {
        let mut lines = Vec::with_capacity(messages.len() * 320);
        let mut answers = Vec::with_capacity(messages.len());
        let mut accepted = Vec::with_capacity(messages.len());
        let first_new = self.memory.rows().len();
        for message in messages {
            let id = Fingerprint::new(&message.id);
            let before = self.memory.find(id);
            let (number, is_newly_accepted) = match before {
                Some((number, row)) => {
                    writeln!(lines, "+{number} {now_ms}")?;
                    self.memory.again(number, now_ms);
                    (number, row.status == Status::Throttled)
                }
                None => {
                    let written = message.written(now_ms);
                    let begin = lines.len();
                    serde_json::to_writer(&mut lines, &written)?;
                    let bytes = lines.len() - begin;
                    lines.push(b'\n');
                    // Its offset is completed below, when the block's offset in the journal is known.
                    let number = self.memory.add(&written, id, begin as u64, bytes as u32);
                    (number, written.status == Status::Accepted)
                }
            };
            if is_newly_accepted {
                accepted.push((number, id));
            }
            let status = self.memory.rows().get(number as usize).map_or(Status::Rejected, |row| row.status);
            answers.push(Answer::new(message, status));
        }
        let begin = self.append(&lines)?;
        self.memory.index(first_new, begin);
        let mut early = Vec::new();
        for (number, id) in accepted {
            if !self.memory.schedule(number, id) {
                early.push(number);
            }
        }
        Ok(Taken { answers, early })
    }

    /// Records that the receipts of these messages were acknowledged. Second receipts become due at once.
    pub fn acknowledge(&mut self, numbers: &[RowNumber], now_ms: u64) -> io::Result<()> {
        let mut lines = Vec::with_capacity(numbers.len() * 8);
        for number in numbers {
            writeln!(lines, "={number}")?;
        }
        self.append(&lines)?;
        for number in numbers {
            self.memory.acknowledge(*number);
        }
        self.memory.schedule_again(numbers, now_ms);
        Ok(())
    }

    /// Records a reply of a phone; returns its number.
    pub fn reply(&mut self, reply: Reply) -> io::Result<usize> {
        let mut lines = b"<".to_vec();
        serde_json::to_writer(&mut lines, &reply)?;
        lines.push(b'\n');
        self.append(&lines)?;
        Ok(self.memory.reply(reply))
    }

    /// Records that these replies were acknowledged.
    pub fn acknowledge_replies(&mut self, numbers: &[usize]) -> io::Result<()> {
        let mut lines = Vec::new();
        for number in numbers {
            writeln!(lines, ">{number}")?;
        }
        self.append(&lines)?;
        for number in numbers {
            self.memory.acknowledge_reply(*number);
        }
        Ok(())
    }

    /// A message's line, as JSON of [`Written`].
    pub fn line(&self, row: &Row) -> io::Result<Vec<u8>> {
        self.journal.read(row.offset, row.bytes)
    }

    /// Appends a block. If that fails, memory is reset to the journal, which is the truth.
    fn append(&mut self, lines: &[u8]) -> io::Result<u64> {
        match self.journal.append(lines) {
            Ok(offset) => Ok(offset),
            Err(error) => {
                (self.journal, self.memory) = remember(&self.path, self.delays)?;
                Err(error)
            }
        }
    }
}

fn remember(path: &Path, delays: Delays) -> io::Result<(Journal, Memory)> {
    let mut memory = Memory::new(delays);
    let journal = Journal::open(path, |offset, line| {
        if replay(&mut memory, offset, line).is_none() {
            tracing::warn!(journal.offset = offset, "a line of the sandbox's journal cannot be read");
        }
    })?;
    memory.schedule_everything();
    Ok((journal, memory))
}

/// Applies one line of the journal; `None` if it cannot be read.
fn replay(memory: &mut Memory, offset: u64, line: &[u8]) -> Option<()> {
    let rest = str::from_utf8(line.get(1..)?).ok()?;
    match line.first()? {
        b'{' => {
            let written: Written<'_> = serde_json::from_slice(line).ok()?;
            let id = Fingerprint::new(&written.id);
            memory.add(&written, id, offset, line.len() as u32);
            Some(())
        }
        b'+' => {
            let (number, at_ms) = rest.split_once(' ')?;
            memory.again(number.parse().ok()?, at_ms.parse().ok()?)
        }
        b'=' => memory.acknowledge(rest.parse().ok()?),
        b'<' => {
            memory.reply(serde_json::from_str(rest).ok()?);
            Some(())
        }
        b'>' => memory.acknowledge_reply(rest.parse().ok()?),
        _ => None,
    }
}
