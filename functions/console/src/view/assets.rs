//! Styles and scripts: embedded in the binary, under names with a content hash, so that browsers cache them forever.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use sha2::{Digest, Sha256};

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

/// The path of each asset, in the order of `ASSETS`.
static PATHS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let path = |asset: &Asset| {
        let hash = hex::encode(&Sha256::digest(asset.text)[..6]);
        let (stem, extension) = asset.name.rsplit_once('.').unwrap_or((asset.name, ""));
        format!("/assets/{stem}-{hash}.{extension}")
    };
    ASSETS.iter().map(path).collect()
});

/// The path of an asset.
pub fn path(name: &str) -> &'static str {
    let index = ASSETS.iter().position(|asset| asset.name == name);
    index.and_then(|index| PATHS.get(index)).map_or("", String::as_str)
}

pub async fn serve(Path(file): Path<String>) -> Response {
    let requested = format!("/assets/{file}");
    let found = ASSETS.iter().zip(PATHS.iter()).find(|(_, path)| **path == requested);
    let Some((asset, _)) = found else { return StatusCode::NOT_FOUND.into_response() };
    let about = [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (about, asset.text).into_response()
}
