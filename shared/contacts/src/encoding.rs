//! Detects the encoding of a contact file and converts it to UTF-8. UTF-8 itself is validated, never copied.

use bytes::Bytes;
use domain::import_report::Encoding;
use encoding_rs::{Decoder, ISO_8859_15, UTF_16BE, UTF_16LE, WINDOWS_1252};
use memchr::{memchr, memmem};

use super::error::ImportError;

/// Bytes read where the beginning of the file is enough.
const SAMPLE_BYTES: usize = 64 * 1024;
/// Bytes on both sides of the first invalid UTF-8 that decide whether the file is UTF-8 nevertheless.
const FAULT_SURROUNDINGS_BYTES: usize = 512 * 1024;
/// Bytes decoded at a time.
const BLOCK_BYTES: usize = 256 * 1024;

const UTF_8_MARK: &[u8] = &[0xEF, 0xBB, 0xBF];
/// Ctrl-Z, after the text of files from DOS programs.
const END_OF_FILE: u8 = 0x1A;
const REPLACEMENT: &[u8] = "\u{FFFD}".as_bytes();

/// A file as UTF-8, without byte order mark.
pub struct Decoded {
    pub text: Bytes,
    pub encoding: Encoding,
}

/// Decides by: byte order mark; NULs at every other byte (UTF-16 without mark); valid UTF-8; UTF-8 with a few invalid
/// bytes, which are read as Windows-1252; else one of the two Western encodings, see [`western`].
///
/// The input is dropped as soon as it is decoded.
pub fn decode(file: Bytes) -> Result<Decoded, ImportError> {
    refuse_other_formats(&file)?;
    let Found { encoding, mark_bytes, is_valid } = detect(&file)?;
    let body = file.slice(mark_bytes..);
    drop(file);
    let mut text = match encoding {
        Encoding::Utf8 if is_valid => body,
        Encoding::Workbook => body, // never detected here
        Encoding::Utf8 => repair_utf_8(&body),
        Encoding::Utf16Le => transcode(&body, UTF_16LE.new_decoder_without_bom_handling(), body.len() / 2),
        Encoding::Utf16Be => transcode(&body, UTF_16BE.new_decoder_without_bom_handling(), body.len() / 2),
        Encoding::Windows1252 => transcode(&body, WINDOWS_1252.new_decoder_without_bom_handling(), body.len()),
        Encoding::Iso8859_15 => transcode(&body, ISO_8859_15.new_decoder_without_bom_handling(), body.len()),
    };
    let is_wide = matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be);
    // A file of another kind that begins like UTF-16 is mostly broken surrogates.
    if is_wide && memmem::find_iter(&text, REPLACEMENT).count() * 10 > text.len() / 2 {
        return Err(ImportError::UnreadableEncoding);
    }
    if text.ends_with(&[END_OF_FILE]) {
        text.truncate(text.len() - 1);
    }
    Ok(Decoded { text, encoding })
}

fn refuse_other_formats(file: &[u8]) -> Result<(), ImportError> {
    const KINDS: [(&[u8], &str); 4] =
        [(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "xls"), (b"%PDF-", "pdf"), (b"\x1F\x8B", "gzip"), (b"{\\rtf", "rtf")];
    match KINDS.iter().find(|(magic, _)| file.starts_with(magic)) {
        Some((_, format)) => Err(ImportError::UnsupportedFormat { format }),
        None => Ok(()),
    }
}

struct Found {
    encoding: Encoding,
    /// Length of the byte order mark.
    mark_bytes: usize,
    /// Whether the file was found to be valid in this encoding.
    is_valid: bool,
}

fn detect(file: &[u8]) -> Result<Found, ImportError> {
    let marked = |encoding, mark_bytes| Ok(Found { encoding, mark_bytes, is_valid: false });
    match file {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => return Err(ImportError::UnreadableEncoding), // UTF-32
        [0xFF, 0xFE, ..] => return marked(Encoding::Utf16Le, 2),
        [0xFE, 0xFF, ..] => return marked(Encoding::Utf16Be, 2),
        _ => {}
    }
    let sample = file.get(..SAMPLE_BYTES).unwrap_or(file);
    if memchr(0, sample).is_some()
        && let Some(wide) = unmarked_utf_16(sample)
    {
        return marked(wide, 0);
    }
    let mark_bytes = if file.starts_with(UTF_8_MARK) { UTF_8_MARK.len() } else { 0 };
    let valid_bytes = encoding_rs::Encoding::utf8_valid_up_to(file); // several times faster than `str::from_utf8`
    let is_valid = valid_bytes == file.len();
    if is_valid || mark_bytes > 0 {
        return Ok(Found { encoding: Encoding::Utf8, mark_bytes, is_valid });
    }
    if is_binary(sample) {
        return Err(ImportError::UnreadableEncoding);
    }
    let encoding = if is_mostly_utf_8(file, valid_bytes) { Encoding::Utf8 } else { western(file) };
    Ok(Found { encoding, mark_bytes, is_valid })
}

/// Western text in UTF-16 has NUL at every other byte, and only there.
fn unmarked_utf_16(sample: &[u8]) -> Option<Encoding> {
    let (pairs, _) = sample.as_chunks::<2>();
    let first = pairs.iter().filter(|pair| pair[0] == 0).count();
    let second = pairs.iter().filter(|pair| pair[1] == 0).count();
    let is_most = |nuls: usize| nuls * 10 >= pairs.len() * 6;
    let is_rare = |nuls: usize| nuls * 20 <= pairs.len();
    match (first, second) {
        (first, second) if is_most(second) && is_rare(first) => Some(Encoding::Utf16Le),
        (first, second) if is_most(first) && is_rare(second) => Some(Encoding::Utf16Be),
        _ => None,
    }
}

/// Text has tabs, line breaks, perhaps a form feed or the Ctrl-Z of DOS, and few other control characters.
fn is_binary(sample: &[u8]) -> bool {
    let is_control = |byte: &&u8| **byte < 0x20 && !matches!(**byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1A);
    sample.iter().filter(is_control).count() * 50 > sample.len()
}

/// Concatenated files may be UTF-8 with some lines in another encoding. Reading all as Windows-1252 would break every
/// other accent, so the more frequent encoding around the first invalid byte decides; Western text is rarely valid
/// UTF-8 by accident.
fn is_mostly_utf_8(file: &[u8], fault_at: usize) -> bool {
    let from = fault_at.saturating_sub(FAULT_SURROUNDINGS_BYTES);
    let to = fault_at.saturating_add(FAULT_SURROUNDINGS_BYTES).min(file.len());
    let (mut letters, mut faults) = (0_usize, 0_usize);
    for chunk in file.get(from..to).unwrap_or_default().utf8_chunks() {
        letters += chunk.valid().bytes().filter(|byte| *byte >= 0xC0).count();
        faults += usize::from(!chunk.invalid().is_empty());
    }
    letters > faults
}

/// Windows-1252 and ISO-8859-15 agree on every French letter but `€ Œ œ Ÿ`. Bytes 80–9F are letters only in
/// Windows-1252. Without any, A4 (`€` or `¤`) indicates ISO-8859-15, and so do BC, BD, BE beside a letter (`Œ œ Ÿ`,
/// else `¼ ½ ¾`). The default is Windows-1252.
fn western(file: &[u8]) -> Encoding {
    let has_letter_at = |at: Option<usize>| at.and_then(|at| file.get(at)).is_some_and(u8::is_ascii_alphabetic);
    let mut has_iso = false;
    let mut at = 0;
    while let Some(rest) = file.get(at..).filter(|rest| !rest.is_empty()) {
        at += encoding_rs::Encoding::ascii_valid_up_to(rest);
        match file.get(at) {
            Some(0x80..=0x9F) => return Encoding::Windows1252,
            Some(0xA4) => has_iso = true,
            Some(0xBC..=0xBE) => has_iso |= has_letter_at(at.checked_sub(1)) || has_letter_at(at.checked_add(1)),
            _ => {}
        }
        at += 1;
    }
    if has_iso { Encoding::Iso8859_15 } else { Encoding::Windows1252 }
}

/// Reads bytes that are not UTF-8 as Windows-1252.
fn repair_utf_8(body: &[u8]) -> Bytes {
    let mut text = String::with_capacity(body.len() + body.len() / 64);
    for chunk in body.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    Bytes::from(text.into_bytes())
}

fn transcode(body: &[u8], mut decoder: Decoder, expected_bytes: usize) -> Bytes {
    let mut text = String::with_capacity(expected_bytes + expected_bytes / 16);
    let mut blocks = body.chunks(BLOCK_BYTES).peekable();
    while let Some(mut block) = blocks.next() {
        let is_last = blocks.peek().is_none();
        loop {
            text.reserve(decoder.max_utf8_buffer_length(block.len()).unwrap_or(4 * block.len()));
            let (result, read, _) = decoder.decode_to_string(block, &mut text, is_last);
            match result {
                encoding_rs::CoderResult::InputEmpty => break,
                encoding_rs::CoderResult::OutputFull => block = block.get(read..).unwrap_or_default(),
            }
        }
    }
    Bytes::from(text.into_bytes())
}
