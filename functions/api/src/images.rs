//! Images for image links: uploaded directly to the bucket, and checked before a link may use them.

use app::{Context, UseCase, images};
use domain::account::{IMAGE_BYTES_MAX, Image, ImageType};
use domain::ids::ImageId;
use serde_json::json;

use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get, post};
use crate::contract::schema::integer;
use crate::error::not_found;
use crate::gate::{Body, Id};
use crate::lists::{UploadView, upload_view};

pub fn operations() -> Vec<Operation> {
    vec![
        post("/images", UseCase::CreateImage, create)
            .summary("Makes an image, to upload a file for", "Crée une image, pour y déposer un fichier")
            .example(json!({ "content_type": "image/png", "size": 48_213 }))
            .answers::<CreatedView>(201, "The image", "L’image"),
        get("/images/{id}", UseCase::ReadImages, show).summary("An image", "Une image").answers::<ImageView>(
            200,
            "The image",
            "L’image",
        ),
    ]
}

requests! {
    struct NewImage {
        content_type: ImageType,
        /// In bytes
        /// En octets
        size: u64 = integer(1, i64::try_from(IMAGE_BYTES_MAX).unwrap_or(i64::MAX)),
    }
}

answers! {
    struct ImageView as "Image" {
        id: ImageId,
        content_type: ImageType,
        /// In bytes
        /// En octets
        size: u64,
        /// It was uploaded and is what it says it is
        /// Elle a été déposée et est bien ce qu’elle dit être
        ready: bool,
        created_at: jiff::Timestamp,
    }

    struct CreatedView as "NewImage" {
        ..image: ImageView,
        upload: UploadView,
    }
}

fn view(image: &Image) -> ImageView {
    ImageView {
        id: image.id.clone(),
        content_type: image.image_type,
        size: image.size,
        ready: image.is_checked,
        created_at: image.created_at,
    }
}

async fn create(context: Context, Body(wanted): Body<NewImage>) -> Answered {
    let (image, address) = images::create(&context, wanted.content_type, wanted.size).await?;
    let upload = upload_view(address, IMAGE_BYTES_MAX, context.now());
    let created = CreatedView { image: view(&image), upload };
    Ok(Answer::created(&format!("/images/{}", image.id), &created)?.version(image.version))
}

async fn show(context: Context, Id(id): Id<ImageId>) -> Answered {
    let image = images::checked(&context, &id).await?.ok_or_else(not_found)?;
    Ok(Answer::ok(&view(&image))?.version(image.version))
}
