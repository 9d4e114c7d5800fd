//! Images of an account: their metadata. The images themselves are files.

use domain::account::{Image, ImageType};
use domain::ids::ImageId;
use serde::{Deserialize, Serialize};

use super::item::{Item, code, doc, instant, item, ms, number, text};
use super::reading;
use super::{AccountStore, Error, Result};

const WHAT: &str = "image";

#[derive(Serialize, Deserialize)]
struct ImageItem {
    image_type: String,
    #[serde(rename = "octets")]
    size: u64,
    is_checked: bool,
    created_at: i64,
}

fn read(item: &Item) -> Result<Image> {
    let shape: ImageItem = doc(item, WHAT)?;
    let image_type = ImageType::from_code(&shape.image_type);
    Ok(Image {
        id: code(text(item, "sk", WHAT)?, WHAT)?,
        image_type: image_type.ok_or_else(|| Error::Corrupt { what: WHAT, cause: "no such type".into() })?,
        size: shape.size,
        is_checked: shape.is_checked,
        created_at: instant(shape.created_at, WHAT)?,
        version: number(item, "version", WHAT)?,
    })
}

impl AccountStore {
    pub async fn image(&self, id: &ImageId) -> Result<Option<Image>> {
        let got = reading::get(&self.db, &self.tables.links, self.account.as_str(), id.as_str(), WHAT).await?;
        got.as_ref().map(read).transpose()
    }

    /// Writes an image that is still at the version read; answers it at its new version.
    pub async fn put_image(&self, image: Image) -> Result<Image> {
        let shape = ImageItem {
            image_type: image.image_type.code().into(),
            size: image.size,
            is_checked: image.is_checked,
            created_at: ms(image.created_at),
        };
        let item = item(self.account.as_str(), image.id.as_str(), &shape);
        self.put(&self.tables.links, item, image.version, WHAT).await?;
        Ok(Image { version: image.version + 1, ..image })
    }
}
