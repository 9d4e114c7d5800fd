//! The sandbox's data on disk: blocks appended to one file, each with one write before a request is answered.
//!
//! A block is `#<bytes>\
//! ` and that many bytes of lines. A killed process leaves at most one incomplete block at the end; it was never
//! answered, so it is removed. The file is not synchronised: it survives the process, not the machine.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, Write};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// Longest header, `#` and a number of bytes.
const HEADER_BYTES_MAX: u64 = 24;
/// Longest block: a submission's body is limited far below.
const BLOCK_BYTES_MAX: u64 = 64 * 1024 * 1024;

pub struct Journal {
    file: File,
    /// Size of the complete blocks.
    end: u64,
}

impl Journal {
    /// Opens or creates the file and calls `replay` for each line of each complete block, with the offset of the line.
    pub fn open(path: &Path, mut replay: impl FnMut(u64, &[u8])) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let mut reader = BufReader::with_capacity(1 << 20, &file);
        let (mut end, mut header, mut block) = (0, Vec::new(), Vec::new());
        while let Some(bytes) = next_block(&mut reader, &mut header, &mut block)? {
            let mut offset = end + header.len() as u64;
            for line in block.split_inclusive(|byte| *byte == b'\n') {
                replay(offset, line.trim_ascii_end());
                offset += line.len() as u64;
            }
            end += header.len() as u64 + bytes;
        }
        drop(reader);
        if file.metadata()?.len() > end {
            tracing::warn!(journal.bytes = end, "removing an incomplete block from the sandbox's journal");
            file.set_len(end)?;
        }
        file.seek(io::SeekFrom::Start(end))?;
        Ok(Self { file, end })
    }

    /// Appends one block of whole lines and returns the offset of its first line. After an error nothing of it is left.
    pub fn append(&mut self, lines: &[u8]) -> io::Result<u64> {
        let header = format!("#{}\n", lines.len());
        let whole = [header.as_bytes(), lines].concat();
        if let Err(error) = self.file.write_all(&whole) {
            self.file.set_len(self.end)?;
            self.file.seek(io::SeekFrom::Start(self.end))?;
            return Err(error);
        }
        let begin = self.end + header.len() as u64;
        self.end += whole.len() as u64;
        Ok(begin)
    }

    /// Reads one line.
    pub fn read(&self, offset: u64, bytes: u32) -> io::Result<Vec<u8>> {
        let mut line = vec![0; bytes as usize];
        self.file.read_exact_at(&mut line, offset)?;
        Ok(line)
    }
}

/// The next complete block, or `None` at the end and at an incomplete one.
fn next_block(reader: &mut impl BufRead, header: &mut Vec<u8>, block: &mut Vec<u8>) -> io::Result<Option<u64>> {
    header.clear();
    block.clear();
    reader.by_ref().take(HEADER_BYTES_MAX).read_until(b'\n', header)?;
    let bytes = header
        .strip_prefix(b"#")
        .and_then(|rest| rest.strip_suffix(b"\n"))
        .and_then(|digits| str::from_utf8(digits).ok()?.parse::<u64>().ok())
        .filter(|bytes| *bytes <= BLOCK_BYTES_MAX);
    let Some(bytes) = bytes else { return Ok(None) };
    reader.by_ref().take(bytes).read_to_end(block)?;
    Ok((block.len() as u64 == bytes).then_some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &Path) -> Vec<(u64, String)> {
        let mut found = Vec::new();
        Journal::open(path, |offset, line| found.push((offset, String::from_utf8(line.to_vec()).unwrap()))).unwrap();
        found
    }

    #[test]
    fn appended_lines_are_replayed_and_read_by_offset() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let mut journal = Journal::open(&path, |_, _| panic!("nothing yet")).unwrap();
        let begin = journal.append(b"one\ntwo\n").unwrap();
        journal.append(b"three\n").unwrap();
        assert_eq!(journal.read(begin + 4, 3).unwrap(), b"two");
        drop(journal);
        let found = lines(&path);
        assert_eq!(found.iter().map(|(_, line)| line.as_str()).collect::<Vec<_>>(), ["one", "two", "three"]);
        let journal = Journal::open(&path, |_, _| ()).unwrap();
        assert_eq!(journal.read(found[2].0, 5).unwrap(), b"three");
    }

    #[test]
    fn wherever_the_file_ends_the_complete_blocks_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let mut journal = Journal::open(&path, |_, _| ()).unwrap();
        journal.append(b"first\n").unwrap();
        let whole = journal.end;
        journal.append(b"second\nthird\n").unwrap();
        let bytes = std::fs::read(&path).unwrap();
        for cut in whole as usize..bytes.len() {
            std::fs::write(&path, &bytes[..cut]).unwrap();
            assert_eq!(lines(&path).len(), 1, "cut at {cut}");
            Journal::open(&path, |_, _| ()).unwrap().append(b"again\n").unwrap();
            assert_eq!(lines(&path).iter().map(|(_, line)| line.as_str()).collect::<Vec<_>>(), ["first", "again"]);
        }
    }

    #[test]
    fn a_file_of_other_content_is_an_empty_journal() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        for noise in [&b"#"[..], b"#12", b"#-1\nx", b"#99999999999999999999\n", b"hello\n", &[0xFF; 40]] {
            std::fs::write(&path, noise).unwrap();
            assert_eq!(lines(&path), [], "{noise:?}");
        }
    }
}
