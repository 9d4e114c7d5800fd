//! The tenant: its settings, keys and users.

use jiff::tz::TimeZone;

use super::codes::codes;
use super::credits::Balance;
use super::ids::{AccountId, ImageId, KeyId, TemplateId, UserId};
use super::phone::PhoneNumber;
use super::sending_window::SendingWindow;
use super::territory::Territory;

/// Lists unused for three months are purged, unless the account says otherwise.
pub const PURGE_AFTER_DAYS_DEFAULT: u32 = 90;

/// Settings and balance of an account.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    pub id: AccountId,
    pub name: String,
    /// IANA name.
    pub time_zone: String,
    pub default_sender: String,
    /// Short code of the STOP mention.
    pub stop_code: String,
    pub window: SendingWindow,
    /// Lists unused for so many days are purged.
    pub purge_after_days: u32,
    /// A campaign may be validated only after a proof of the same message was finished.
    pub requires_proof: bool,
    pub balance: Balance,
    pub created_at: jiff::Timestamp,
    /// Rises with every write of the settings; the balance moves without it.
    pub version: u64,
}

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    Read,
    Write,
    /// Validate, pause, resume, test: what makes messages go out or not.
    Send,
    Admin,
}
codes!(Scope { Read = "read", Write = "write", Send = "send", Admin = "admin" });

/// An API key; the secret itself is nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub id: KeyId,
    pub name: String,
    /// SHA-256 of the secret, which is 32 random bytes: nothing to guess, so nothing slow is needed.
    pub secret_sha256: [u8; 32],
    pub scopes: Vec<Scope>,
    pub created_at: jiff::Timestamp,
    pub last_used_at: Option<jiff::Timestamp>,
}

/// Who signs in to the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub email: String,
    /// Argon2id, in the PHC string format.
    pub password_hash: String,
    pub role: Role,
    pub created_at: jiff::Timestamp,
    /// Rises with every write.
    pub version: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Owner,
    Editor,
    Viewer,
}
codes!(Role { Owner = "owner", Editor = "editor", Viewer = "viewer" });

impl Role {
    /// What it may do in the console, as scopes.
    pub fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Owner => &Scope::ALL,
            Self::Editor => &[Scope::Read, Scope::Write, Scope::Send],
            Self::Viewer => &[Scope::Read],
        }
    }
}

/// The newest decision on one number: excluded, or allowed again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    pub phone: PhoneNumber,
    /// False is a removal, which outlives older imports that hold the number.
    pub excluded: bool,
    pub source: ExclusionSource,
    /// Words of whoever decided.
    pub reason: Option<String>,
    /// User, key or campaign that decided.
    pub by: String,
    pub at: jiff::Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExclusionSource {
    Stop,
    Manual,
    Import,
    /// The number was erased: its fingerprint keeps it out, and while the work goes on a decision does.
    Erasure,
}
codes!(ExclusionSource { Stop = "stop", Manual = "manual", Import = "import", Erasure = "erasure" });

impl Account {
    /// An account that nothing has been said of yet: in Paris, with the usual window and no credits.
    pub fn new(id: AccountId, now: jiff::Timestamp) -> Self {
        Self {
            id,
            name: String::new(),
            time_zone: "Europe/Paris".to_owned(),
            default_sender: String::new(),
            stop_code: String::new(),
            window: SendingWindow::default(),
            purge_after_days: PURGE_AFTER_DAYS_DEFAULT,
            requires_proof: false,
            balance: Balance::default(),
            created_at: now,
            version: 0,
        }
    }

    /// The account's zone; the name was checked when it was set, and UTC stands in should it vanish from the data.
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// Whether marketing may go out now to numbers of a territory.
    pub fn is_open(&self, at: jiff::Timestamp, territory: Territory) -> bool {
        self.window.is_open(at, territory, &self.zone())
    }

    /// When marketing may go out to numbers of a territory: now, if it may.
    pub fn next_opening(&self, at: jiff::Timestamp, territory: Territory) -> jiff::Timestamp {
        self.window.next_opening(at, territory, &self.zone())
    }
}

/// A named sender and text, to begin a message with. What it says is copied, so that a later change of it changes no
/// campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageTemplate {
    pub id: TemplateId,
    pub name: String,
    pub sender: Option<String>,
    pub text: String,
    /// User or key that made it.
    pub author: String,
    pub created_at: jiff::Timestamp,
    pub modified_at: jiff::Timestamp,
    /// Rises with every write; the write is conditioned on it.
    pub version: u64,
}

/// Largest image, in bytes.
pub const IMAGE_BYTES_MAX: u64 = 5 * 1024 * 1024;

/// An uploaded image that image links lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    pub id: ImageId,
    pub image_type: ImageType,
    /// As announced; the file is checked against it.
    pub size: u64,
    /// Its file was there and is what it says it is.
    pub is_checked: bool,
    pub created_at: jiff::Timestamp,
    /// Rises with every write; the write is conditioned on it.
    pub version: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageType {
    Jpeg,
    Png,
    Gif,
    WebP,
}

codes!(ImageType { Jpeg = "image/jpeg", Png = "image/png", Gif = "image/gif", WebP = "image/webp" });

impl ImageType {
    /// What a file is by its first bytes, whatever it is called.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xFF, 0xD8, 0xFF, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(Self::Png),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_known_by_its_first_bytes() {
        assert_eq!(ImageType::of(b"\x89PNG\r\n\x1a\n..."), Some(ImageType::Png));
        assert_eq!(ImageType::of(b"\xff\xd8\xff\xe0"), Some(ImageType::Jpeg));
        assert_eq!(ImageType::of(b"GIF89a"), Some(ImageType::Gif));
        assert_eq!(ImageType::of(b"RIFF\0\0\0\0WEBPVP8 "), Some(ImageType::WebP));
        for bytes in [&b""[..], b"GIF88a", b"<svg>", b"RIFF\0\0\0\0WAVE", b"\x89PNG"] {
            assert_eq!(ImageType::of(bytes), None);
        }
    }
}
