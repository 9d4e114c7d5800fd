//! The content of an object: a range is read as one range, a whole object in large blocks. The embedded crate would
//! read from the beginning of a range to the end of the file, 4 KB at a time.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use http_body_util::StreamBody;
use hyper::body::Frame;
use s3s::Body;

/// Largest read, in bytes.
const BLOCK_BYTES: u64 = 1 << 20;

/// Reads objects and counts the bytes.
#[derive(Debug, Clone, Default)]
pub struct Reader {
    read_bytes: Arc<AtomicU64>,
}

impl Reader {
    /// Bytes of objects read so far.
    pub fn read_bytes(&self) -> u64 {
        self.read_bytes.load(Ordering::Relaxed)
    }

    /// The body of a response with the headers `found`: the bytes of the file at `path` that they name.
    pub async fn body(&self, path: &Path, found: &Response<Body>) -> io::Result<Body> {
        let span = span(found.headers()).ok_or_else(|| io::Error::other("an object without a length"))?;
        let (path, read_bytes) = (path.to_owned(), self.read_bytes.clone());
        let (file, first, rest) = blocking(move || {
            let file = File::open(path)?;
            let (first, rest) = read_block(&file, span, &read_bytes)?;
            Ok((file, first, rest))
        })
        .await?;
        if rest.is_empty() {
            return Ok(Body::from(first));
        }
        let blocks = Blocks { file: Arc::new(file), rest, read_bytes: self.read_bytes.clone() };
        let rest = stream::try_unfold(blocks, Blocks::next);
        let all = stream::StreamExt::chain(stream::iter([Ok(first)]), rest);
        Ok(Body::http_body_unsync(StreamBody::new(stream::TryStreamExt::map_ok(all, Frame::data))))
    }
}

/// The part of a file that is still to be read.
struct Blocks {
    file: Arc<File>,
    rest: Range<u64>,
    read_bytes: Arc<AtomicU64>,
}

impl Blocks {
    async fn next(self) -> io::Result<Option<(Bytes, Self)>> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (file, rest, read_bytes) = (self.file.clone(), self.rest.clone(), self.read_bytes.clone());
        let (block, rest) = blocking(move || read_block(&file, rest, &read_bytes)).await?;
        Ok(Some((block, Self { rest, ..self })))
    }
}

/// The first block of a range, and the rest of the range.
fn read_block(file: &File, range: Range<u64>, read_bytes: &AtomicU64) -> io::Result<(Bytes, Range<u64>)> {
    let end = range.end.min(range.start + BLOCK_BYTES);
    let length = usize::try_from(end - range.start).map_err(io::Error::other)?;
    let mut block = vec![0; length];
    read_exact_at(file, &mut block, range.start)?;
    read_bytes.fetch_add(length as u64, Ordering::Relaxed);
    Ok((Bytes::from(block), end..range.end))
}

#[cfg(unix)]
fn read_exact_at(file: &File, block: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, block, at)
}

#[cfg(not(unix))]
fn read_exact_at(mut file: &File, block: &mut [u8], at: u64) -> io::Result<()> {
    use io::{Read, Seek};
    file.seek(io::SeekFrom::Start(at))?;
    file.read_exact(block)
}

async fn blocking<T: Send + 'static>(read: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(read).await.map_err(io::Error::other)?
}

/// The bytes of the file for a response, from its headers.
fn span(headers: &HeaderMap) -> Option<Range<u64>> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let length: u64 = text(header::CONTENT_LENGTH)?.parse().ok()?;
    let Some(range) = text(header::CONTENT_RANGE) else { return Some(0..length) };
    let (first, _) = range.strip_prefix("bytes ")?.split_once('-')?;
    let first: u64 = first.parse().ok()?;
    Some(first..first + length)
}

/// Applies `If-Match` and `If-None-Match` to an object with this tag (RFC 9110, section 13): the status of a response
/// without the object, or `None` if it may be sent. The embedded crate checks them for writes only.
pub fn refused(asked: &HeaderMap, etag: Option<&HeaderValue>) -> Option<StatusCode> {
    let etag = etag.and_then(|etag| etag.to_str().ok()).unwrap_or_default();
    let names_it = |condition: &HeaderValue| {
        let tags = condition.to_str().unwrap_or_default().split(',').map(str::trim);
        tags.into_iter().any(|tag| tag == "*" || tag.trim_matches('"') == etag.trim_matches('"'))
    };
    match (asked.get(header::IF_MATCH), asked.get(header::IF_NONE_MATCH)) {
        (Some(condition), _) if !names_it(condition) => Some(StatusCode::PRECONDITION_FAILED),
        (_, Some(condition)) if names_it(condition) => Some(StatusCode::NOT_MODIFIED),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_of_a_read_are_those_of_http() {
        let etag = HeaderValue::from_static("\"abc\"");
        let check = |name: header::HeaderName, value: &'static str, expected: Option<u16>| {
            let asked = HeaderMap::from_iter([(name, HeaderValue::from_static(value))]);
            assert_eq!(refused(&asked, Some(&etag)).map(|status| status.as_u16()), expected, "{value}");
        };
        check(header::IF_MATCH, "\"abc\"", None);
        check(header::IF_MATCH, "*", None);
        check(header::IF_MATCH, "\"x\", \"abc\"", None);
        check(header::IF_MATCH, "\"x\"", Some(412));
        check(header::IF_NONE_MATCH, "\"abc\"", Some(304));
        check(header::IF_NONE_MATCH, "\"x\"", None);
    }
}
