//! Images for image links: uploaded straight to the bucket, and looked at before anything leads to them.

use app::{Context, UseCase, images};
use domain::account::{IMAGE_BYTES_MAX, Image, ImageType};
use domain::ids::ImageId;
use serde::Deserialize;
use serde_json::json;
use web::Problem;

use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get, post};
use crate::contract::schema::{Field, boolean, count, field, id, instant, integer, object, word};
use crate::error::{ApiError, not_found};
use crate::gate::{Body, Id};
use crate::lists::{upload, upload_view};

pub fn operations() -> Vec<Operation> {
    let types = || word(ImageType::ALL.map(ImageType::content_type));
    let size = integer(1, i64::try_from(IMAGE_BYTES_MAX).unwrap_or(i64::MAX));
    let image = || -> Vec<Field> {
        vec![
            field("id", id("img_")),
            field("content_type", types()),
            field("size", count().about("In bytes", "En octets")),
            field(
                "ready",
                boolean().about(
                    "It was uploaded and is what it says it is",
                    "Elle a été déposée et est bien ce qu’elle dit être",
                ),
            ),
            field("created_at", instant()),
        ]
    };
    vec![
        post("/images", UseCase::CreateImage, "Makes an image, to upload a file for", create)
            .takes(object([field("content_type", types()), field("size", size.about("In bytes", "En octets"))]))
            .example(json!({ "content_type": "image/png", "size": 48_213 }))
            .answers(201, "The image", "L’image", object(image()).with([field("upload", upload())]).named("NewImage")),
        get("/images/{id}", UseCase::ReadImages, "An image", show).answers(
            200,
            "The image",
            "L’image",
            object(image()).named("Image"),
        ),
    ]
}

#[derive(Deserialize)]
struct NewImage {
    content_type: String,
    size: u64,
}

fn view(image: &Image) -> serde_json::Value {
    json!({
        "id": image.id.as_str(),
        "content_type": image.image_type.content_type(),
        "size": image.size,
        "ready": image.is_checked,
        "created_at": image.created_at,
    })
}

async fn create(context: Context, Body(wanted): Body<NewImage>) -> Answered {
    let image_type = ImageType::from_content_type(&wanted.content_type).ok_or_else(|| {
        Problem::fault("not_one_of", "/content_type", "JPEG, PNG, GIF or WebP", "JPEG, PNG, GIF ou WebP")
    })?;
    let (image, address) = images::create(&context, image_type, wanted.size).await?;
    let mut view = view(&image);
    let upload = upload_view(address, IMAGE_BYTES_MAX, context.now());
    view["upload"] = serde_json::to_value(upload).map_err(ApiError::Unwritable)?;
    Ok(Answer::created(&format!("/images/{}", image.id), &view)?.version(image.version))
}

async fn show(context: Context, Id(id): Id<ImageId>) -> Answered {
    let image = images::checked(&context, &id).await?.ok_or_else(not_found)?;
    Ok(Answer::ok(&view(&image))?.version(image.version))
}
