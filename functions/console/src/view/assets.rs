//! Styles and scripts: files of our own, inside the binary, under names that change with their content, so that
//! browsers keep them for ever.

use std::borrow::Cow;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use sha2::{Digest, Sha256};
use shared::domain::segments::{self, Encoding};

struct Asset {
    name: &'static str,
    kind: &'static str,
    text: Cow<'static, str>,
}

macro_rules! asset {
    ($name:literal, $kind:literal) => {
        Asset { name: $name, kind: $kind, text: Cow::Borrowed(include_str!(concat!("../../assets/", $name))) }
    };
}

static ASSETS: LazyLock<[Asset; 8]> = LazyLock::new(|| {
    [
        asset!("console.css", "text/css; charset=utf-8"),
        asset!("parts.css", "text/css; charset=utf-8"),
        asset!("live.js", "text/javascript; charset=utf-8"),
        asset!("lists.js", "text/javascript; charset=utf-8"),
        asset!("upload.js", "text/javascript; charset=utf-8"),
        asset!("message.js", "text/javascript; charset=utf-8"),
        asset!("envol.svg", "image/svg+xml"),
        Asset { name: "alphabet.json", kind: "application/json", text: Cow::Owned(alphabet()) },
    ]
});

/// The alphabet as the domain counts it, for the counter that runs as one types: two places, one rule.
fn alphabet() -> String {
    let (mut single, mut double, mut replace) = (String::new(), String::new(), serde_json::Map::new());
    for letter in (1..=0xFFFF).filter_map(char::from_u32) {
        let count = segments::count(letter.encode_utf8(&mut [0; 4]));
        match (count.encoding, count.units) {
            (Encoding::Gsm7, 1) => single.push(letter),
            (Encoding::Gsm7, _) => double.push(letter),
            (Encoding::Ucs2, _) => {
                if let Some(plain) = segments::replacement(letter) {
                    replace.insert(letter.to_string(), plain.into());
                }
            }
        }
    }
    serde_json::json!({
        "single": single, "double": double, "replace": replace,
        "gsm": [segments::SINGLE_SEPTETS, segments::PART_SEPTETS],
        "ucs": [segments::SINGLE_UTF16, segments::PART_UTF16],
    })
    .to_string()
}

/// Each asset's path, in the order of `ASSETS`.
static PATHS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let path = |asset: &Asset| {
        let digest = Sha256::digest(asset.text.as_bytes());
        let hash: String = digest.iter().take(6).map(|octet| format!("{octet:02x}")).collect();
        let (stem, extension) = asset.name.rsplit_once('.').unwrap_or((asset.name, ""));
        format!("/assets/{stem}-{hash}.{extension}")
    };
    ASSETS.iter().map(path).collect()
});

/// Where the browser finds an asset.
pub fn path(name: &str) -> &'static str {
    let place = ASSETS.iter().position(|asset| asset.name == name);
    place.and_then(|place| PATHS.get(place)).map_or("", String::as_str)
}

pub async fn serve(Path(file): Path<String>) -> Response {
    let wanted = format!("/assets/{file}");
    match PATHS.iter().position(|path| *path == wanted).and_then(|place| ASSETS.get(place)) {
        Some(asset) => {
            let headers =
                [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
            (headers, asset.text.as_ref()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
