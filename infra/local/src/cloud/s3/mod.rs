//! S3: its protocol in front of a folder. Signatures, presigned URLs, ranges and multipart uploads are real.
//!
//! - `content`: reads objects.

mod content;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use percent_encoding::percent_decode_str;
use s3s::Body;
use s3s::service::{S3Service, S3ServiceBuilder};
use tokio::sync::RwLock;

use super::{CloudError, Credentials};
use content::Reader;

/// The files.
#[derive(Clone)]
pub struct Files {
    service: S3Service,
    reader: Reader,
    root: PathBuf,
    in_use: Arc<Mutex<InUse>>,
}

/// Keys that are being read or written: an overwrite changes three files, and no reader may see only some of them.
#[derive(Default)]
struct InUse {
    locks: HashMap<String, Arc<RwLock<()>>>,
    /// Unused locks are dropped when this many exist.
    tidy_at: usize,
}

impl InUse {
    fn lock(&mut self, path: &str) -> Arc<RwLock<()>> {
        if self.locks.len() >= self.tidy_at {
            self.locks.retain(|_, lock| Arc::strong_count(lock) > 1);
            self.tidy_at = 64.max(2 * self.locks.len());
        }
        self.locks.entry(path.to_owned()).or_default().clone()
    }
}

/// An object that was just written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// For example `s3:ObjectCreated:Put`.
    pub event: &'static str,
    pub bucket: String,
    pub key: String,
    pub size_bytes: u64,
    pub etag: String,
}

impl Files {
    pub fn open<'k>(
        root: &Path,
        credentials: &Credentials,
        keys: impl Iterator<Item = &'k str>,
    ) -> Result<Self, CloudError> {
        let failed = |source| CloudError::Folder { path: root.to_owned(), source };
        std::fs::create_dir_all(root).map_err(failed)?;
        let folder = s3s_fs::FileSystem::new(root)
            .map_err(|error| CloudError::Files { path: root.to_owned(), problem: format!("{error:?}") })?;
        let mut builder = S3ServiceBuilder::new(folder);
        let Credentials { access_key, secret_key } = credentials;
        let mut known = s3s::auth::SimpleAuth::from_single(access_key.clone(), secret_key.clone());
        for key in keys {
            known.register(key.to_owned(), secret_key.clone().into());
        }
        builder.set_auth(known);
        Ok(Self { service: builder.build(), reader: Reader::default(), root: root.to_owned(), in_use: Arc::default() })
    }

    /// Bytes of objects read so far.
    pub fn read_bytes(&self) -> u64 {
        self.reader.read_bytes()
    }

    /// Creates a bucket of the template.
    pub fn create(&self, bucket: &str) -> Result<(), CloudError> {
        let path = self.root.join(bucket);
        std::fs::create_dir_all(&path).map_err(|source| CloudError::Folder { path, source })
    }

    /// One request of the protocol, and the object that it created, if any. It is completed even if the caller goes
    /// away, since half an overwrite would leave no valid object.
    pub async fn call(&self, request: Request<Body>) -> Result<(Response<Body>, Option<Created>), CloudError> {
        let files = self.clone();
        let done = tokio::spawn(async move { files.call_whole(request).await }).await;
        done.unwrap_or_else(|error| Err(CloudError::Protocol { problem: error.to_string() }))
    }

    async fn call_whole(&self, request: Request<Body>) -> Result<(Response<Body>, Option<Created>), CloudError> {
        let is_head = request.method() == Method::HEAD;
        let writes = Write::from_request(&request);
        let reads = Read::from_request(&request);
        let lock = self.in_use.lock().unwrap_or_else(PoisonError::into_inner).lock(request.uri().path());
        let (_reading, _writing) = match *request.method() {
            Method::GET | Method::HEAD => (Some(lock.read().await), None),
            _ => (None, Some(lock.write().await)),
        };
        let answer = self.service.call(request).await;
        let mut response = answer.map_err(|error| CloudError::Protocol { problem: format!("{error:?}") })?;
        let created = match writes {
            Some(write) if response.status() == StatusCode::OK => Some(self.created(write, &response).await?),
            Some(_) | None => None,
        };
        if let Some(read) = reads.filter(|_| response.status().is_success()) {
            response = self.content(&read, response).await?;
        }
        if is_head {
            response = response.map(|_| Body::empty()); // on a socket the server does this
        }
        Ok((response, created))
    }

    /// The response to a read, with the object's content read by us: the crate's reader is not used.
    async fn content(&self, read: &Read, found: Response<Body>) -> Result<Response<Body>, CloudError> {
        if let Some(status) = content::refused(&read.conditions, found.headers().get(header::ETAG)) {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = status;
            return Ok(response);
        }
        let path = self.root.join(&read.bucket).join(&read.key);
        let body = self.reader.body(&path, &found).await;
        let body = body.map_err(|source| CloudError::Folder { path, source })?;
        Ok(found.map(|_| body))
    }

    async fn created(&self, write: Write, response: &Response<Body>) -> Result<Created, CloudError> {
        let path = self.root.join(&write.bucket).join(&write.key);
        let size_bytes = match tokio::fs::metadata(&path).await {
            Ok(file) => file.len(),
            Err(source) => return Err(CloudError::Folder { path, source }),
        };
        let etag = response.headers().get(header::ETAG).and_then(|etag| etag.to_str().ok());
        let etag = etag.unwrap_or_default().trim_matches('"').to_owned();
        Ok(Created { event: write.event, bucket: write.bucket, key: write.key, size_bytes, etag })
    }
}

/// A request that creates an object if it succeeds.
struct Write {
    event: &'static str,
    bucket: String,
    key: String,
}

impl Write {
    fn from_request(request: &Request<Body>) -> Option<Self> {
        let operation = operation(request.method(), request.uri(), request.headers().contains_key("x-amz-copy-source"));
        let event = match operation {
            "PutObject" => "s3:ObjectCreated:Put",
            "CopyObject" => "s3:ObjectCreated:Copy",
            "CompleteMultipartUpload" => "s3:ObjectCreated:CompleteMultipartUpload",
            _ => return None,
        };
        let (bucket, key) = request.uri().path().trim_start_matches('/').split_once('/')?;
        Some(Self { event, bucket: bucket.to_owned(), key: decode(key)? })
    }
}

/// A request for the content of an object.
struct Read {
    bucket: String,
    key: String,
    /// `If-Match` and `If-None-Match`.
    conditions: HeaderMap,
}

impl Read {
    fn from_request(request: &Request<Body>) -> Option<Self> {
        if operation(request.method(), request.uri(), false) != "GetObject" {
            return None;
        }
        let (bucket, key) = request.uri().path().trim_start_matches('/').split_once('/')?;
        let conditions = request.headers().iter();
        let conditions = conditions.filter(|(name, _)| [header::IF_MATCH, header::IF_NONE_MATCH].contains(name));
        let conditions = conditions.map(|(name, value)| (name.clone(), value.clone())).collect();
        Some(Self { bucket: bucket.to_owned(), key: decode(key)?, conditions })
    }
}

/// S3's name of a request. Several share a method and differ by a query parameter.
pub fn operation(method: &Method, uri: &http::Uri, is_copy: bool) -> &'static str {
    let query = uri.query().unwrap_or_default();
    let words: BTreeMap<&str, &str> = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
    let has = |word| words.contains_key(word);
    let is_bucket = !uri.path().trim_matches('/').contains('/');
    match *method {
        Method::GET if is_bucket => "ListObjectsV2",
        Method::GET if has("uploadId") => "ListParts",
        Method::GET => "GetObject",
        Method::HEAD if is_bucket => "HeadBucket",
        Method::HEAD => "HeadObject",
        Method::PUT if is_bucket => "CreateBucket",
        Method::PUT if has("partNumber") => "UploadPart",
        Method::PUT if has("tagging") || has("acl") => "PutObjectAttribute",
        Method::PUT if is_copy => "CopyObject",
        Method::PUT => "PutObject",
        Method::POST if has("uploads") => "CreateMultipartUpload",
        Method::POST if has("uploadId") => "CompleteMultipartUpload",
        Method::POST => "DeleteObjects",
        Method::DELETE if has("uploadId") => "AbortMultipartUpload",
        Method::DELETE => "DeleteObject",
        _ => "Other",
    }
}

/// Decodes `%XX`.
fn decode(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned)
}

#[cfg(test)]
mod operations {
    use super::*;

    #[track_caller]
    fn check(method: Method, uri: &str, expected: &str) {
        assert_eq!(operation(&method, &uri.parse().unwrap(), false), expected, "{uri}");
    }

    #[test]
    fn requests_are_counted_under_their_own_names() {
        check(Method::PUT, "/b/uploads/a?x-id=PutObject&X-Amz-Signature=1", "PutObject");
        check(Method::PUT, "/b/k?partNumber=1&uploadId=u", "UploadPart");
        check(Method::POST, "/b/k?uploads", "CreateMultipartUpload");
        check(Method::POST, "/b/k?uploadId=u", "CompleteMultipartUpload");
        check(Method::DELETE, "/b/k?uploadId=u", "AbortMultipartUpload");
        check(Method::GET, "/b?list-type=2&prefix=lists%2F", "ListObjectsV2");
        check(Method::GET, "/b/k", "GetObject");
    }
}
