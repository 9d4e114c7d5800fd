//! What is on the queues, in a file: one line a message sent, one line for those deleted.
//!
//! A line is with the operating system before the request is answered, so that `kill -9` loses nothing that was
//! acknowledged. A receipt whose callback we have answered exists nowhere else.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rustack_sqs_model::input::SendMessageInput;
use rustack_sqs_model::types::MessageAttributeValue;
use serde::{Deserialize, Serialize};

use super::{after, queue_name};
use crate::cloud::CloudError;

/// The file is written anew, without what was deleted, when it has grown to this and doubled since the last time.
const COMPACT_FROM_OCTETS: u64 = 16 << 20;

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub id: String,
    /// Its address: host and port in it are those of the day and mean nothing.
    pub queue: String,
    pub due_at: Timestamp,
    pub body: String,
    #[serde(default, skip_serializing_if = "HashMap::is_empty")]
    attributes: HashMap<String, Attribute>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Attribute {
    kind: String,
    text: Option<String>,
    octets: Option<Vec<u8>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Sent(Entry),
    Deleted(Vec<String>),
    /// All of the queue of this name.
    Purged(String),
}

impl Entry {
    pub fn of(input: &SendMessageInput, now: Timestamp) -> Self {
        let attribute = |value: &MessageAttributeValue| Attribute {
            kind: value.data_type.clone(),
            text: value.string_value.clone(),
            octets: value.binary_value.clone(),
        };
        Self {
            id: String::new(),
            queue: input.queue_url.clone(),
            due_at: after(now, input.delay_seconds.unwrap_or(0)),
            body: input.message_body.clone(),
            attributes: input.message_attributes.iter().map(|(name, value)| (name.clone(), attribute(value))).collect(),
        }
    }

    /// The same message under the id that its queue has given it.
    pub fn under(self, id: String) -> Self {
        Self { id, ..self }
    }

    pub fn to_input(&self, now: Timestamp) -> SendMessageInput {
        let attribute = |value: &Attribute| MessageAttributeValue {
            data_type: value.kind.clone(),
            string_value: value.text.clone(),
            binary_value: value.octets.clone(),
        };
        let delay_s = self.due_at.duration_since(now).as_secs().clamp(0, 900);
        SendMessageInput {
            queue_url: self.queue.clone(),
            message_body: self.body.clone(),
            delay_seconds: i32::try_from(delay_s).ok(),
            message_attributes: self.attributes.iter().map(|(name, value)| (name.clone(), attribute(value))).collect(),
            ..SendMessageInput::default()
        }
    }
}

/// The file.
pub struct Journal {
    path: PathBuf,
    file: File,
    size_octets: u64,
    compact_at_octets: u64,
}

impl Journal {
    pub fn open(path: &Path) -> Result<Self, CloudError> {
        let failed = |source| CloudError::Folder { path: path.to_owned(), source };
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(failed)?;
        let size_octets = file.metadata().map_err(failed)?.len();
        Ok(Self { path: path.to_owned(), file, size_octets, compact_at_octets: COMPACT_FROM_OCTETS })
    }

    /// What was sent and not deleted, in the order of sending.
    pub fn read(&self) -> Result<Vec<Entry>, CloudError> {
        let mut sent = Vec::new();
        let mut gone = HashSet::new();
        let file = File::open(&self.path).map_err(|source| self.failed(source))?;
        for line in BufReader::new(file).split(b'\n') {
            let line = line.map_err(|source| self.failed(source))?;
            match serde_json::from_slice(&line) {
                Ok(Line::Sent(entry)) => sent.push(entry),
                Ok(Line::Deleted(ids)) => gone.extend(ids),
                Ok(Line::Purged(queue)) => sent.retain(|entry| queue_name(&entry.queue) != queue),
                // The last line of a process that was killed while it wrote: its request was never answered.
                Err(error) => tracing::warn!(%error, "a line of {} is dropped", self.path.display()),
            }
        }
        sent.retain(|entry| !gone.contains(&entry.id));
        Ok(sent)
    }

    /// Replaces the file by one with these entries only, at once.
    pub fn rewrite(&mut self, entries: &[Entry]) -> Result<(), CloudError> {
        let mut text = Vec::new();
        for entry in entries {
            text.extend(line(&Line::Sent(entry.clone())));
        }
        let new = self.path.with_extension("new");
        std::fs::write(&new, &text).map_err(|source| self.failed(source))?;
        std::fs::rename(&new, &self.path).map_err(|source| self.failed(source))?;
        self.file = OpenOptions::new().append(true).open(&self.path).map_err(|source| self.failed(source))?;
        self.size_octets = text.len() as u64;
        self.compact_at_octets = COMPACT_FROM_OCTETS.max(2 * self.size_octets);
        Ok(())
    }

    pub fn sent(&mut self, entry: &Entry) -> Result<(), CloudError> {
        self.append(&Line::Sent(entry.clone()))
    }

    pub fn deleted(&mut self, ids: Vec<String>) -> Result<(), CloudError> {
        if ids.is_empty() {
            return Ok(());
        }
        self.append(&Line::Deleted(ids))?;
        if self.size_octets >= self.compact_at_octets {
            let alive = self.read()?;
            self.rewrite(&alive)?;
        }
        Ok(())
    }

    pub fn purged(&mut self, queue_url: &str) -> Result<(), CloudError> {
        self.append(&Line::Purged(queue_name(queue_url).to_owned()))
    }

    fn append(&mut self, entry: &Line) -> Result<(), CloudError> {
        let text = line(entry);
        self.file.write_all(&text).map_err(|source| self.failed(source))?;
        self.size_octets += text.len() as u64;
        Ok(())
    }

    fn failed(&self, source: std::io::Error) -> CloudError {
        CloudError::Folder { path: self.path.clone(), source }
    }
}

fn line(line: &Line) -> Vec<u8> {
    let mut text = serde_json::to_vec(line).unwrap_or_default(); // strings and numbers only: it cannot fail
    text.push(b'\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str) -> Entry {
        let input =
            SendMessageInput { queue_url: "http://h/0/q".into(), message_body: id.into(), ..Default::default() };
        Entry { id: id.to_owned(), ..Entry::of(&input, Timestamp::UNIX_EPOCH) }
    }

    #[test]
    fn what_was_sent_and_not_deleted_is_there_after_a_reopening() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("queues");
        let mut journal = Journal::open(&path).unwrap();
        for id in ["a", "b", "c"] {
            journal.sent(&entry(id)).unwrap();
        }
        journal.deleted(vec!["b".to_owned()]).unwrap();
        drop(journal);
        let mut journal = Journal::open(&path).unwrap();
        assert_eq!(journal.read().unwrap(), [entry("a"), entry("c")]);
        journal.rewrite(&[entry("c")]).unwrap();
        journal.sent(&entry("d")).unwrap();
        assert_eq!(journal.read().unwrap(), [entry("c"), entry("d")]);
        journal.purged("http://h/0/q").unwrap();
        assert_eq!(journal.read().unwrap(), []);
    }

    #[test]
    fn a_line_that_was_cut_short_is_dropped_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("queues");
        let mut journal = Journal::open(&path).unwrap();
        journal.sent(&entry("a")).unwrap();
        OpenOptions::new().append(true).open(&path).unwrap().write_all(br#"{"sent":{"id":"b","#).unwrap();
        assert_eq!(Journal::open(&path).unwrap().read().unwrap(), [entry("a")]);
    }

    #[test]
    fn a_file_that_has_grown_is_written_anew_without_the_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(&folder.path().join("queues")).unwrap();
        journal.compact_at_octets = 400;
        for i in 0..100 {
            journal.sent(&entry(&format!("m{i}"))).unwrap();
            journal.deleted(vec![format!("m{i}")]).unwrap();
            journal.compact_at_octets = 400;
        }
        assert!(journal.size_octets < 1000, "{}", journal.size_octets);
    }
}
