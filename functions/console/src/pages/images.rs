//! Images of image links: uploaded by the browser directly, then checked by their content.

use app::images;
use axum::response::{IntoResponse, Response};
use domain::account::{IMAGE_BYTES_MAX, ImageType};
use http::{StatusCode, header};

use crate::visitor::{Answer, Fields, Visitor};

/// Returns where to upload an image: `{id, url, headers}`.
pub async fn create(visitor: Visitor, fields: Fields) -> Answer {
    let size: u64 = fields.get("size").parse().unwrap_or(0);
    let Some(image_type) = ImageType::from_code(fields.get("type")) else { return Ok(refused()) };
    if size == 0 || size > IMAGE_BYTES_MAX {
        return Ok(refused());
    }
    let (image, address) = images::create(&visitor.context, image_type, size).await?;
    let answer = serde_json::json!({ "id": image.id.as_str(), "url": address.url, "headers": address.headers });
    Ok(([(header::CONTENT_TYPE, "application/json")], answer.to_string()).into_response())
}

fn refused() -> Response {
    StatusCode::UNPROCESSABLE_ENTITY.into_response()
}
