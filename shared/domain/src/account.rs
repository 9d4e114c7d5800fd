//! The tenant: its settings, keys and users.

use jiff::tz::TimeZone;

use super::codes::codes;
use super::credits::Balance;
use super::ids::{AccountId, ImageId, KeyId, TemplateId, UserId};
use super::phone::PhoneNumber;
use super::sending_window::SendingWindow;
use super::territory::Territory;

/// Lists unused for this many days are purged, unless the account sets another number.
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
    /// Lists unused for this many days are purged.
    pub purge_after_days: u32,
    /// A campaign may be validated only after a proof of the same message has finished.
    pub requires_proof: bool,
    pub balance: Balance,
    pub created_at: jiff::Timestamp,
    /// Rises with every write of the settings. Changes of the balance leave it alone.
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

/// An API key without its secret, which is never stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub id: KeyId,
    pub name: String,
    /// SHA-256 of the secret. The secret is 32 random bytes, so a fast hash is enough.
    pub secret_sha256: [u8; 32],
    pub scopes: Vec<Scope>,
    pub created_at: jiff::Timestamp,
    pub last_used_at: Option<jiff::Timestamp>,
}

/// A person who signs in to the console.
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
    /// False is a removal; it also overrides older imports that contain the number.
    pub excluded: bool,
    pub source: ExclusionSource,
    /// Free text of the person who decided.
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
    /// The number was erased. This decision keeps it out while the erasure runs, its fingerprint afterwards.
    Erasure,
}
codes!(ExclusionSource { Stop = "stop", Manual = "manual", Import = "import", Erasure = "erasure" });

impl Account {
    /// A new account with the defaults: Paris time, the usual sending window, no credits.
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

    /// The account's time zone. The name is validated when it is set; UTC is the fallback if the zone database drops
    /// it.
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// Whether marketing may be sent now to numbers of a territory.
    pub fn is_open(&self, at: jiff::Timestamp, territory: Territory) -> bool {
        self.window.is_open(at, territory, &self.zone())
    }

    /// When marketing may next be sent to numbers of a territory: `at` itself if the window is open.
    pub fn next_opening(&self, at: jiff::Timestamp, territory: Territory) -> jiff::Timestamp {
        self.window.next_opening(at, territory, &self.zone())
    }
}

/// A named sender and text to start a message from. The message copies it, so later changes do not affect campaigns.
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

/// An uploaded image, the target of image links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    pub id: ImageId,
    pub image_type: ImageType,
    /// The size that the client announced; the uploaded file is checked against it.
    pub size: u64,
    /// The file exists and is the image that was announced.
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
    pub fn detect(bytes: &[u8]) -> Option<Self> {
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
        assert_eq!(ImageType::detect(b"\x89PNG\r\n\x1a\n..."), Some(ImageType::Png));
        assert_eq!(ImageType::detect(b"\xff\xd8\xff\xe0"), Some(ImageType::Jpeg));
        assert_eq!(ImageType::detect(b"GIF89a"), Some(ImageType::Gif));
        assert_eq!(ImageType::detect(b"RIFF\0\0\0\0WEBPVP8 "), Some(ImageType::WebP));
        for bytes in [&b""[..], b"GIF88a", b"<svg>", b"RIFF\0\0\0\0WAVE", b"\x89PNG"] {
            assert_eq!(ImageType::detect(bytes), None);
        }
    }
}
