//! Images of image links: the browser uploads them itself, then they are checked by what they hold.

use aws::files::FileKey;
use axum::response::{IntoResponse, Response};
use domain::account::{IMAGE_OCTETS_MAX, Image, ImageType};
use domain::ids::ImageId;
use http::{StatusCode, header};
use support::random;

use crate::gate::{Answer, Failure, Fields, Visitor};

/// Octets that tell what a file is.
const MAGIC_OCTETS: u64 = 16;

/// Answers where to put an image: `{id, url, headers}`.
pub async fn create(v: Visitor, fields: Fields) -> Answer {
    let octets: u64 = fields.get("size").parse().unwrap_or(0);
    let Some(image_type) = ImageType::from_content_type(fields.get("type")) else { return Ok(refused()) };
    if octets == 0 || octets > IMAGE_OCTETS_MAX {
        return Ok(refused());
    }
    let id = ImageId::new(v.now, random::octets());
    let image = Image { id: id.clone(), image_type, octets, is_checked: false, created_at: v.now, version: 0 };
    v.store.put_image(image).await?;
    let file = FileKey::Image { account: v.account.id.clone(), image: id.clone() };
    let address = v.app.files.upload_address(&file, Some(image_type.content_type())).await?;
    let answer = serde_json::json!({ "id": id.as_str(), "url": address.url, "headers": address.headers });
    Ok(([(header::CONTENT_TYPE, "application/json")], answer.to_string()).into_response())
}

fn refused() -> Response {
    StatusCode::UNPROCESSABLE_ENTITY.into_response()
}

/// An image that is there and is what it says it is; nothing otherwise.
pub async fn checked(v: &Visitor, id: &ImageId) -> Result<Option<Image>, Failure> {
    let Some(image) = v.store.image(id).await? else { return Ok(None) };
    if image.is_checked {
        return Ok(Some(image));
    }
    let file = FileKey::Image { account: v.account.id.clone(), image: id.clone() };
    let octets = match v.app.files.octets(&file).await {
        Ok(octets) => octets,
        Err(aws::files::Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let head = v.app.files.get_range(&file, 0, MAGIC_OCTETS.min(octets)).await?;
    if octets > IMAGE_OCTETS_MAX || ImageType::of(&head) != Some(image.image_type) {
        v.app.files.delete(&file).await?;
        return Ok(None);
    }
    Ok(Some(v.store.put_image(Image { is_checked: true, octets, ..image }).await?))
}
