//! The messages on the queues, in a file: one line per sent message, one line for deleted ones.
//!
//! A line is written to the operating system before the request is answered, so that `kill -9` loses nothing that was
//! acknowledged. A receipt of an answered callback exists nowhere else.
//!
//! What grows: the file has at most 16 MB, or twice what was on the queues when it was last compacted. Compacting
//! copies line by line and holds only the ids of messages in memory.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rustack_sqs_model::input::SendMessageInput;
use rustack_sqs_model::types::MessageAttributeValue;
use serde::{Deserialize, Serialize};

use super::{after, queue_name};
use crate::cloud::CloudError;

/// The file is compacted when it has reached this size and doubled since the last time.
const COMPACT_FROM_BYTES: u64 = 16 << 20;

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub id: String,
    /// URL of its queue; host and port in it may change and are ignored.
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
    bytes: Option<Vec<u8>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Sent(Entry),
    Deleted(Vec<String>),
    /// All messages of the queue of this name.
    Purged(String),
}

/// A line to be written.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum NewLine<'a> {
    Sent(&'a Entry),
    Deleted(&'a [String]),
    Purged(&'a str),
}

/// A line without the body of its message.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outline<'a> {
    #[serde(borrow)]
    Sent(Envelope<'a>),
    Deleted(Vec<String>),
    Purged(String),
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    queue: Cow<'a, str>,
}

impl Entry {
    pub fn new(input: &SendMessageInput, now: Timestamp) -> Self {
        let attribute = |value: &MessageAttributeValue| Attribute {
            kind: value.data_type.clone(),
            text: value.string_value.clone(),
            bytes: value.binary_value.clone(),
        };
        Self {
            id: String::new(),
            queue: input.queue_url.clone(),
            due_at: after(now, input.delay_seconds.unwrap_or(0)),
            body: input.message_body.clone(),
            attributes: input.message_attributes.iter().map(|(name, value)| (name.clone(), attribute(value))).collect(),
        }
    }

    /// The entry with the id that its queue assigned.
    pub fn under(self, id: String) -> Self {
        Self { id, ..self }
    }

    pub fn to_input(&self, now: Timestamp) -> SendMessageInput {
        let attribute = |value: &Attribute| MessageAttributeValue {
            data_type: value.kind.clone(),
            string_value: value.text.clone(),
            binary_value: value.bytes.clone(),
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
    size_bytes: u64,
    compact_at_bytes: u64,
}

impl Journal {
    pub fn open(path: &Path) -> Result<Self, CloudError> {
        let failed = |source| CloudError::Folder { path: path.to_owned(), source };
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(failed)?;
        let size_bytes = file.metadata().map_err(failed)?.len();
        Ok(Self { path: path.to_owned(), file, size_bytes, compact_at_bytes: COMPACT_FROM_BYTES })
    }

    /// Messages that were sent and not deleted, in the order of sending.
    pub fn read(&self) -> Result<Vec<Entry>, CloudError> {
        let mut sent: Vec<Entry> = Vec::new();
        let mut gone = HashSet::new();
        self.each_line(|_, line| {
            match serde_json::from_slice(line) {
                Ok(Line::Sent(entry)) => sent.push(entry),
                Ok(Line::Deleted(ids)) => gone.extend(ids),
                Ok(Line::Purged(queue)) => sent.retain(|entry| queue_name(&entry.queue) != queue),
                // The last line of a process that was killed while writing: its request was never answered.
                Err(error) => tracing::warn!(%error, "a line of {} is dropped", self.path.display()),
            }
            Ok(())
        })?;
        sent.retain(|entry| !gone.contains(&entry.id));
        Ok(sent)
    }

    /// Replaces the file with one that has these entries only, atomically.
    pub fn rewrite(&mut self, entries: &[Entry]) -> Result<(), CloudError> {
        self.replace(|new| entries.iter().try_for_each(|entry| new.write_all(&line(&NewLine::Sent(entry)))))
    }

    pub fn sent(&mut self, entries: impl IntoIterator<Item = Entry>) -> Result<(), CloudError> {
        let mut text = Vec::new();
        entries.into_iter().for_each(|entry| text.extend(line(&NewLine::Sent(&entry))));
        self.append(&text)
    }

    pub fn deleted(&mut self, ids: &[String]) -> Result<(), CloudError> {
        if ids.is_empty() {
            return Ok(());
        }
        self.append(&line(&NewLine::Deleted(ids)))?;
        if self.size_bytes >= self.compact_at_bytes { self.compact() } else { Ok(()) }
    }

    pub fn purged(&mut self, queue_url: &str) -> Result<(), CloudError> {
        self.append(&line(&NewLine::Purged(queue_name(queue_url))))
    }

    /// Removes deleted messages. The others are copied unchanged.
    fn compact(&mut self) -> Result<(), CloudError> {
        let (mut gone, mut purged) = (HashSet::new(), HashMap::new());
        self.each_line(|number, line| {
            match serde_json::from_slice(line) {
                Ok(Outline::Deleted(ids)) => gone.extend(ids),
                Ok(Outline::Purged(queue)) => drop(purged.insert(queue, number)),
                Ok(Outline::Sent(_)) | Err(_) => {}
            }
            Ok(())
        })?;
        let is_alive = |number: usize, line: &[u8]| {
            let Ok(Outline::Sent(Envelope { id, queue })) = serde_json::from_slice(line) else { return false };
            !gone.contains(&*id) && purged.get(queue_name(&queue)).is_none_or(|purged| *purged < number)
        };
        let old = self.path.clone();
        self.replace(|new| {
            each_line(&old, |number, line| {
                if !is_alive(number, line) {
                    return Ok(());
                }
                new.write_all(line)?;
                new.write_all(b"\n")
            })
        })
    }

    fn each_line(&self, each: impl FnMut(usize, &[u8]) -> io::Result<()>) -> Result<(), CloudError> {
        each_line(&self.path, each).map_err(|source| self.failed(source))
    }

    /// Replaces the file atomically.
    fn replace(&mut self, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<(), CloudError> {
        let path = self.path.with_extension("new");
        let replaced = (|| {
            let mut new = BufWriter::with_capacity(1 << 20, File::create(&path)?);
            write(&mut new)?;
            new.into_inner().map_err(io::IntoInnerError::into_error)?;
            std::fs::rename(&path, &self.path)?;
            let file = OpenOptions::new().append(true).open(&self.path)?;
            let size_bytes = file.metadata()?.len();
            Ok((file, size_bytes))
        })();
        (self.file, self.size_bytes) = replaced.map_err(|source| self.failed(source))?;
        self.compact_at_bytes = COMPACT_FROM_BYTES.max(2 * self.size_bytes);
        Ok(())
    }

    fn append(&mut self, text: &[u8]) -> Result<(), CloudError> {
        self.file.write_all(text).map_err(|source| self.failed(source))?;
        self.size_bytes += text.len() as u64;
        Ok(())
    }

    fn failed(&self, source: io::Error) -> CloudError {
        CloudError::Folder { path: self.path.clone(), source }
    }
}

/// Calls `each` for every line of a file, with its number.
fn each_line(path: &Path, mut each: impl FnMut(usize, &[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(1 << 20, File::open(path)?);
    let (mut line, mut number) = (Vec::new(), 0);
    while reader.read_until(b'\n', &mut line)? > 0 {
        each(number, line.trim_ascii_end())?;
        line.clear();
        number += 1;
    }
    Ok(())
}

fn line(line: &NewLine<'_>) -> Vec<u8> {
    let mut text = serde_json::to_vec(line).unwrap_or_default(); // only strings and numbers, so it cannot fail
    text.push(b'\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str) -> Entry {
        let input =
            SendMessageInput { queue_url: "http://h/0/q".into(), message_body: id.into(), ..Default::default() };
        Entry { id: id.to_owned(), ..Entry::new(&input, Timestamp::UNIX_EPOCH) }
    }

    #[test]
    fn messages_sent_and_not_deleted_survive_reopening() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("queues");
        let mut journal = Journal::open(&path).unwrap();
        for id in ["a", "b", "c"] {
            journal.sent([entry(id)]).unwrap();
        }
        journal.deleted(&["b".to_owned()]).unwrap();
        drop(journal);
        let mut journal = Journal::open(&path).unwrap();
        assert_eq!(journal.read().unwrap(), [entry("a"), entry("c")]);
        journal.rewrite(&[entry("c")]).unwrap();
        journal.sent([entry("d")]).unwrap();
        assert_eq!(journal.read().unwrap(), [entry("c"), entry("d")]);
        journal.purged("http://h/0/q").unwrap();
        assert_eq!(journal.read().unwrap(), []);
    }

    #[test]
    fn an_incomplete_line_is_dropped_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("queues");
        let mut journal = Journal::open(&path).unwrap();
        journal.sent([entry("a")]).unwrap();
        OpenOptions::new().append(true).open(&path).unwrap().write_all(br#"{"sent":{"id":"b","#).unwrap();
        assert_eq!(Journal::open(&path).unwrap().read().unwrap(), [entry("a")]);
    }

    #[test]
    fn a_large_file_is_compacted() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(&folder.path().join("queues")).unwrap();
        journal.compact_at_bytes = 400;
        for i in 0..100 {
            journal.sent([entry(&format!("m{i}"))]).unwrap();
            journal.deleted(&[format!("m{i}")]).unwrap();
            journal.compact_at_bytes = 400;
        }
        assert!(journal.size_bytes < 1000, "{}", journal.size_bytes);
    }

    #[test]
    fn compacting_keeps_the_messages() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(&folder.path().join("queues")).unwrap();
        let of_queue = |id: &str, queue: &str| Entry { queue: format!("http://h/0/{queue}"), ..entry(id) };
        for id in ["a", "b", "c"] {
            journal.sent([of_queue(id, "q")]).unwrap();
        }
        journal.sent([of_queue("other \"queue\" \n", "r")]).unwrap();
        journal.deleted(&["b".to_owned()]).unwrap();
        journal.purged("http://elsewhere/1/q").unwrap();
        journal.sent([of_queue("d", "q")]).unwrap();
        let before = journal.read().unwrap();
        assert_eq!(before.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>(), ["other \"queue\" \n", "d"]);
        let size_bytes = journal.size_bytes;
        journal.compact().unwrap();
        assert_eq!(journal.read().unwrap(), before);
        assert!(journal.size_bytes < size_bytes);
        journal.sent([of_queue("e", "q")]).unwrap();
        assert_eq!(journal.read().unwrap().len(), 3);
    }
}
