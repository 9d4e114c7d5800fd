//! Images of image links: uploaded directly to the bucket, and checked by their content before a link may use them.

use aws::files::{self, Address, FileKey};
use domain::account::{IMAGE_BYTES_MAX, Image, ImageType};
use domain::ids::ImageId;
use support::random;

use crate::context::Context;
use crate::error::Error;
use crate::use_case::UseCase;

/// Bytes that identify the type of a file.
const HEAD_BYTES: u64 = 16;

/// Creates an image of `size` bytes, and the URL to upload its file to.
pub async fn create(context: &Context, image_type: ImageType, size: u64) -> Result<(Image, Address), Error> {
    let permit = context.permit(UseCase::CreateImage)?;
    let now = context.now();
    let id = ImageId::new(now, random::bytes());
    let image = Image { id, image_type, size, is_checked: false, created_at: now, version: 0 };
    let image = permit.noting(&image.id, "").put_image(image).await?;
    let address = context.files.upload_address(&file_of(context, &image.id), Some(image_type.code())).await?;
    Ok((image, address))
}

/// An image, after checking its file if it has arrived. A file that is not an image of its type is removed: image links
/// must not lead to it.
pub async fn checked(context: &Context, id: &ImageId) -> Result<Option<Image>, Error> {
    let Some(image) = context.store.image(id).await? else { return Ok(None) };
    if image.is_checked {
        return Ok(Some(image));
    }
    let file = file_of(context, id);
    let size = match context.files.size(&file).await {
        Err(files::Error::NotFound { .. }) => return Ok(Some(image)),
        size => size?,
    };
    let head = context.files.get_range(&file, 0, size.min(HEAD_BYTES)).await?;
    if size > IMAGE_BYTES_MAX || ImageType::detect(&head) != Some(image.image_type) {
        context.files.delete(&file).await?;
        return Ok(Some(image));
    }
    match context.store.put_image(Image { size, is_checked: true, ..image }).await {
        // Another request checked it.
        Err(aws::store::Error::Conflict { .. }) => Ok(context.store.image(id).await?),
        checked => Ok(Some(checked?)),
    }
}

fn file_of(context: &Context, image: &ImageId) -> FileKey {
    FileKey::Image { account: context.account_id().clone(), image: image.clone() }
}
