//! Styles and scripts: files of our own, inside the binary, under names that change with their content, so that
//! browsers keep them for ever.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use http::{HeaderMap, StatusCode, header};
use sha2::{Digest, Sha256};

use crate::gate::packing;

struct Asset {
    name: &'static str,
    kind: &'static str,
    text: &'static str,
}

macro_rules! asset {
    ($name:literal, $kind:literal) => {
        Asset { name: $name, kind: $kind, text: include_str!(concat!("../../assets/", $name)) }
    };
}

const ASSETS: [Asset; 7] = [
    asset!("console.css", "text/css; charset=utf-8"),
    asset!("parts.css", "text/css; charset=utf-8"),
    asset!("live.js", "text/javascript; charset=utf-8"),
    asset!("lists.js", "text/javascript; charset=utf-8"),
    asset!("upload.js", "text/javascript; charset=utf-8"),
    asset!("preview.js", "text/javascript; charset=utf-8"),
    asset!("envol.svg", "image/svg+xml"),
];

/// Each asset's path, and its text compressed as well as can be, in the order of `ASSETS`.
static PACKED: LazyLock<Vec<(String, Option<Vec<u8>>)>> = LazyLock::new(|| {
    let pack = |asset: &Asset| {
        let hash = hex::encode(&Sha256::digest(asset.text)[..6]);
        let (stem, extension) = asset.name.rsplit_once('.').unwrap_or((asset.name, ""));
        (format!("/assets/{stem}-{hash}.{extension}"), packing::gzip(asset.text.as_bytes(), Compression::best()))
    };
    ASSETS.iter().map(pack).collect()
});

/// Where the browser finds an asset.
pub fn path(name: &str) -> &'static str {
    let place = ASSETS.iter().position(|asset| asset.name == name);
    place.and_then(|place| PACKED.get(place)).map_or("", |(path, _)| path.as_str())
}

pub async fn serve(headers: HeaderMap, Path(file): Path<String>) -> Response {
    let wanted = format!("/assets/{file}");
    let found = ASSETS.iter().zip(PACKED.iter()).find(|(_, (path, _))| *path == wanted);
    let Some((asset, (_, packed))) = found else { return StatusCode::NOT_FOUND.into_response() };
    let about = [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    match packed.as_ref().filter(|_| packing::is_welcome(&headers)) {
        Some(packed) => (about, [(header::CONTENT_ENCODING, "gzip")], packed.clone()).into_response(),
        None => (about, asset.text).into_response(),
    }
}
