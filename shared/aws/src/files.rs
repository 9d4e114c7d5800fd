//! The bucket, and the only place that knows its keys. All files of an account are below its id.

mod whole;

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::presigning::PresigningConfig;
pub use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use domain::ids::{AccountId, CampaignId, ImageId, ListId};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::cause;

pub use whole::OwnFile;

/// How long a signed URL is valid.
pub const ADDRESS_VALIDITY: Duration = Duration::from_secs(15 * 60);
/// Longest upload of contacts.
pub const UPLOAD_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// A file by what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileKey {
    /// What an account uploaded for a list, unchanged. Its arrival starts the import.
    Upload {
        account: AccountId,
        list: ListId,
        generation: u32,
    },
    /// The contacts of a list, sorted by number.
    Contacts {
        account: AccountId,
        list: ListId,
        generation: u32,
    },
    /// Rows that the import rejected, for people to open.
    Rejects {
        account: AccountId,
        list: ListId,
        generation: u32,
    },
    /// The audience of a campaign, fixed when it started.
    Audience {
        account: AccountId,
        campaign: CampaignId,
    },
    /// Every recipient's outcome, written when the campaign finished.
    Report {
        account: AccountId,
        campaign: CampaignId,
    },
    Image {
        account: AccountId,
        image: ImageId,
    },
    /// A file made to be downloaded once; lifecycle rules remove it.
    Export {
        account: AccountId,
        name: String,
    },
}

impl FileKey {
    fn key(&self) -> String {
        match self {
            Self::Upload { account, list, generation } => format!("uploads/{account}/{list}/{generation}"),
            Self::Contacts { account, list, generation } => format!("lists/{account}/{list}/{generation}/contacts.csv"),
            Self::Rejects { account, list, generation } => format!("lists/{account}/{list}/{generation}/rejects.csv"),
            Self::Audience { account, campaign } => format!("campaigns/{account}/{campaign}/audience.csv"),
            Self::Report { account, campaign } => format!("campaigns/{account}/{campaign}/report.csv"),
            Self::Image { account, image } => format!("media/{account}/{image}"),
            Self::Export { account, name } => format!("exports/{account}/{name}"),
        }
    }

    /// The sheet of one generation of a list; a generation never changes, so its name does not either.
    pub fn export_of_list(account: &AccountId, list: &ListId, generation: u32) -> Self {
        Self::Export { account: account.clone(), name: format!("{list}-{generation}.csv") }
    }

    /// Parses the key of an upload from its notification.
    pub fn of_upload(key: &str) -> Option<Self> {
        let mut parts = key.strip_prefix("uploads/")?.split('/');
        let (account, list, generation) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let (account, list) = (account.parse().ok()?, list.parse().ok()?);
        Some(Self::Upload { account, list, generation: generation.parse().ok()? })
    }
}

/// Why a bucket operation failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no file {key}")]
    NotFound { key: String },
    #[error("cannot {verb} {key}: {cause}")]
    Unavailable { verb: &'static str, key: String, cause: String },
}

/// A file as a stream.
#[derive(Debug)]
pub struct Fetched {
    pub body: ByteStream,
    pub size: u64,
    /// Entity tag of its content: different content has a different tag.
    pub etag: String,
}

/// A signed URL for one operation on one file, valid for some minutes.
#[derive(Debug, Clone)]
pub struct Address {
    pub url: String,
    /// Headers that must be sent with the request.
    pub headers: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
pub struct Files {
    s3: Client,
    bucket: std::sync::Arc<str>,
}

fn failed<E, R>(verb: &'static str, key: &str) -> impl FnOnce(SdkError<E, R>) -> Error
where
    E: ProvideErrorMetadata,
    SdkError<E, R>: std::error::Error + 'static,
{
    let key = key.to_owned();
    move |error| match error.as_service_error().and_then(ProvideErrorMetadata::code) {
        // The file has changed since: the version to be copied is gone.
        Some("NoSuchKey" | "NotFound" | "PreconditionFailed") => Error::NotFound { key },
        _ => Error::Unavailable { verb, key, cause: cause::of_call(&error) },
    }
}

impl Files {
    pub fn new(s3: Client, bucket: &str) -> Self {
        Self { s3, bucket: bucket.into() }
    }

    /// A whole file.
    pub async fn get(&self, file: &FileKey) -> Result<Bytes, Error> {
        self.read(file, None).await
    }

    /// The bytes `begin..end` of a file.
    pub async fn get_range(&self, file: &FileKey, begin: u64, end: u64) -> Result<Bytes, Error> {
        if begin >= end {
            return Ok(Bytes::new());
        }
        self.read(file, Some(format!("bytes={begin}-{}", end - 1))).await
    }

    async fn read(&self, file: &FileKey, range: Option<String>) -> Result<Bytes, Error> {
        let key = file.key();
        let request = self.s3.get_object().bucket(&*self.bucket).key(&key).set_range(range);
        let answer = request.send().await.map_err(failed("read", &key))?;
        let body = answer.body.collect().await;
        let cause = |error: aws_sdk_s3::primitives::ByteStreamError| error.to_string();
        body.map(|body| body.into_bytes()).map_err(|error| Error::Unavailable {
            verb: "read",
            key,
            cause: cause(error),
        })
    }

    /// A file as a stream, and its length in bytes.
    pub async fn stream(&self, file: &FileKey) -> Result<(ByteStream, u64), Error> {
        let Fetched { body, size, .. } = self.fetch(file).await?;
        Ok((body, size))
    }

    /// A file as a stream, with its length and its tag.
    pub async fn fetch(&self, file: &FileKey) -> Result<Fetched, Error> {
        let key = file.key();
        let answer = self.s3.get_object().bucket(&*self.bucket).key(&key).send().await.map_err(failed("read", &key))?;
        let size = answer.content_length.and_then(|length| u64::try_from(length).ok()).unwrap_or(0);
        Ok(Fetched { body: answer.body, size, etag: answer.e_tag.unwrap_or_default() })
    }

    /// Tag of a file's content.
    pub async fn etag(&self, file: &FileKey) -> Result<String, Error> {
        let key = file.key();
        let request = self.s3.head_object().bucket(&*self.bucket).key(&key);
        Ok(request.send().await.map_err(failed("read", &key))?.e_tag.unwrap_or_default())
    }

    /// Length of a file in bytes.
    pub async fn size(&self, file: &FileKey) -> Result<u64, Error> {
        let key = file.key();
        let answer =
            self.s3.head_object().bucket(&*self.bucket).key(&key).send().await.map_err(failed("read", &key))?;
        Ok(answer.content_length.and_then(|length| u64::try_from(length).ok()).unwrap_or(0))
    }

    pub async fn put(&self, file: &FileKey, body: impl Into<Bytes>, content_type: &str) -> Result<(), Error> {
        let key = file.key();
        let request = self.s3.put_object().bucket(&*self.bucket).key(&key).content_type(content_type);
        request.body(ByteStream::from(body.into())).send().await.map_err(failed("write", &key))?;
        Ok(())
    }

    /// Copies a file within the bucket, without downloading it. With a tag, only a file with that content; otherwise it
    /// is not found.
    pub async fn copy(&self, from: &FileKey, to: &FileKey, etag: Option<&str>) -> Result<(), Error> {
        // Keys contain nothing that must be escaped.
        let (source, key) = (format!("{}/{}", self.bucket, from.key()), to.key());
        let request = self.s3.copy_object().bucket(&*self.bucket).copy_source(&source).key(&key);
        let request = request.set_copy_source_if_match(etag.map(ToOwned::to_owned));
        request.send().await.map_err(failed("copy", &source))?;
        Ok(())
    }

    /// Removes a file; a missing one is no error.
    pub async fn delete(&self, file: &FileKey) -> Result<(), Error> {
        let key = file.key();
        self.s3.delete_object().bucket(&*self.bucket).key(&key).send().await.map_err(failed("delete", &key))?;
        Ok(())
    }

    /// Where a client may upload a file directly.
    pub async fn upload_address(&self, file: &FileKey, content_type: Option<&str>) -> Result<Address, Error> {
        let key = file.key();
        let request = self.s3.put_object().bucket(&*self.bucket).key(&key);
        let request = request.set_content_type(content_type.map(ToOwned::to_owned));
        let signed = request.presigned(validity(&key)?).await.map_err(failed("sign", &key))?;
        let headers = signed.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Ok(Address { url: signed.uri().to_owned(), headers })
    }

    /// Where a browser may download a file, under a chosen name.
    pub async fn download_address(&self, file: &FileKey, name: &str) -> Result<String, Error> {
        let key = file.key();
        let request = self.s3.get_object().bucket(&*self.bucket).key(&key);
        let request = request.response_content_disposition(disposition(name));
        let signed = request.presigned(validity(&key)?).await.map_err(failed("sign", &key))?;
        Ok(signed.uri().to_owned())
    }
}

/// What the full name of a download escapes.
const NOT_PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'-');

/// The header that names a download (RFC 6266): in full, and in ASCII for clients that cannot read that.
fn disposition(name: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || "._-".contains(letter) { letter } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    let name = name.replace(['/', '\\'], "_");
    let full = utf8_percent_encode(&name, NOT_PLAIN);
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{full}")
}

fn validity(key: &str) -> Result<PresigningConfig, Error> {
    PresigningConfig::expires_in(ADDRESS_VALIDITY).map_err(|error| Error::Unavailable {
        verb: "sign",
        key: key.to_owned(),
        cause: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_an_upload_reads_back() {
        let upload = FileKey::Upload {
            account: "acc_00000000000000000001".parse().unwrap(),
            list: "lst_00000000000000000002".parse().unwrap(),
            generation: 3,
        };
        assert_eq!(FileKey::of_upload(&upload.key()), Some(upload));
    }

    #[test]
    fn a_download_has_the_name_that_people_gave_it() {
        assert_eq!(
            disposition("Été \"26\"/Nîmes.csv"),
            "attachment; filename=\"_t___26__N_mes.csv\"; filename*=UTF-8''%C3%89t%C3%A9%20%2226%22_N%C3%AEmes.csv"
        );
    }

    #[test]
    fn keys_of_other_things_are_no_uploads() {
        let account = "acc_00000000000000000001";
        for key in
            ["", "uploads/", "uploads/x/y/1", "lists/a/b/1", &format!("uploads/{account}/lst_00000000000000000002/1/2")]
        {
            assert_eq!(FileKey::of_upload(key), None, "{key}");
        }
    }
}
