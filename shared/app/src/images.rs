//! Images of image links: uploaded straight to the bucket, and checked by what they hold before anything leads to them.

use aws::files::{self, Address, FileKey};
use domain::account::{IMAGE_BYTES_MAX, Image, ImageType};
use domain::ids::ImageId;
use support::random;

use crate::context::Context;
use crate::error::Error;
use crate::use_case::UseCase;

/// Bytes that tell what a file is.
const HEAD_BYTES: u64 = 16;

/// Makes an image of `size` bytes, and the address where its file is to be put.
pub async fn create(context: &Context, image_type: ImageType, size: u64) -> Result<(Image, Address), Error> {
    let permit = context.permit(UseCase::CreateImage)?;
    let now = context.now();
    let id = ImageId::new(now, random::bytes());
    let image = Image { id, image_type, size, is_checked: false, created_at: now, version: 0 };
    let image = permit.noting(&image.id, "").put_image(image).await?;
    let address = context.files.upload_address(&file_of(context, &image.id), Some(image_type.code())).await?;
    Ok((image, address))
}

/// An image, after its file was checked if it is there by now. A file that is no image of its type is removed: it must
/// not stay where image links could lead.
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
    if size > IMAGE_BYTES_MAX || ImageType::of(&head) != Some(image.image_type) {
        context.files.delete(&file).await?;
        return Ok(Some(image));
    }
    match context.store.put_image(Image { size, is_checked: true, ..image }).await {
        // Somebody else checked it.
        Err(aws::store::Error::Conflict { .. }) => Ok(context.store.image(id).await?),
        checked => Ok(Some(checked?)),
    }
}

fn file_of(context: &Context, image: &ImageId) -> FileKey {
    FileKey::Image { account: context.account_id().clone(), image: image.clone() }
}
