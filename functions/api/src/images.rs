//! Images for image links: uploaded straight to the bucket, and looked at before anything leads to them.

use aws::files::{self, FileKey};
use domain::account::{IMAGE_OCTETS_MAX, Image, ImageType, Scope};
use domain::ids::ImageId;
use serde::Deserialize;
use serde_json::json;
use web::Problem;

use crate::App;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get, post};
use crate::contract::schema::{Field, boolean, count, field, id, instant, integer, object, word};
use crate::failure::{Failure, not_found};
use crate::gate::{Body, Caller, Id};
use crate::lists::{upload, upload_address};

/// Octets that tell what an image is.
const HEAD_OCTETS: u64 = 16;

pub fn operations() -> Vec<Operation> {
    let types = || word(ImageType::ALL.map(ImageType::content_type));
    let size = integer(1, i64::try_from(IMAGE_OCTETS_MAX).unwrap_or(i64::MAX));
    let image = || -> Vec<Field> {
        vec![
            field("id", id("img_")),
            field("content_type", types()),
            field("size", count().about("In octets", "En octets")),
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
        post("/images", Scope::Write, "Makes an image, to upload a file for", create)
            .takes(object([field("content_type", types()), field("size", size.about("In octets", "En octets"))]))
            .example(json!({ "content_type": "image/png", "size": 48_213 }))
            .answers(201, "The image", "L’image", object(image()).with([field("upload", upload())]).named("NewImage")),
        get("/images/{id}", Scope::Read, "An image", show).answers(
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
        "size": image.octets,
        "ready": image.is_checked,
        "created_at": image.created_at,
    })
}

async fn create(app: App, caller: Caller, Body(wanted): Body<NewImage>) -> Answered {
    let now = app.clock.now();
    let image_type = ImageType::from_content_type(&wanted.content_type).ok_or_else(|| {
        Problem::fault("not_one_of", "/content_type", "JPEG, PNG, GIF or WebP", "JPEG, PNG, GIF ou WebP")
    })?;
    let id = ImageId::new(now, app.random());
    let image = Image { id, image_type, octets: wanted.size, is_checked: false, created_at: now, version: 0 };
    let image = app.store_of(&caller).put_image(image).await?;
    let key = FileKey::Image { account: caller.account.clone(), image: image.id.clone() };
    let address = upload_address(&app, &key, IMAGE_OCTETS_MAX, Some(image_type.content_type())).await?;
    app.trail(&caller).note("image.created", image.id.as_str(), "").await;
    let mut view = view(&image);
    view["upload"] = serde_json::to_value(address).map_err(Failure::Unwritable)?;
    Ok(Answer::created(&format!("/images/{}", image.id), &view)?.version(image.version))
}

async fn show(app: App, caller: Caller, Id(id): Id<ImageId>) -> Answered {
    let image = looked_at(&app, &caller, &id).await?.ok_or_else(not_found)?;
    Ok(Answer::ok(&view(&image))?.version(image.version))
}

/// An image, after its file was looked at, if it is there by now.
pub async fn looked_at(app: &App, caller: &Caller, id: &ImageId) -> Result<Option<Image>, Failure> {
    let store = app.store_of(caller);
    let Some(image) = store.image(id).await? else { return Ok(None) };
    if image.is_checked {
        return Ok(Some(image));
    }
    let key = FileKey::Image { account: caller.account.clone(), image: id.clone() };
    let octets = match app.files.octets(&key).await {
        Err(files::Error::NotFound { .. }) => return Ok(Some(image)),
        octets => octets?,
    };
    let head = app.files.get_range(&key, 0, octets.min(HEAD_OCTETS)).await?;
    if octets > IMAGE_OCTETS_MAX || ImageType::of(&head) != Some(image.image_type) {
        // What is not an image does not stay where image links could lead.
        app.files.delete(&key).await?;
        return Ok(Some(image));
    }
    Ok(Some(store.put_image(Image { octets, is_checked: true, ..image }).await?))
}
