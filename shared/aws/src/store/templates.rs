//! Templates of an account: a named sender and text.

use domain::account::MessageTemplate;
use domain::ids::TemplateId;
use serde::{Deserialize, Serialize};

use super::item::{Item, Page, code, doc, instant, item, ms, number, text};
use super::reading::{self, Slice};
use super::{AccountStore, Result};

const WHAT: &str = "template";
const PREFIX: &str = "template#";

#[derive(Serialize, Deserialize)]
struct TemplateItem {
    name: String,
    sender: Option<String>,
    text: String,
    author: String,
    created_at: i64,
    modified_at: i64,
}

fn sk(id: &TemplateId) -> String {
    format!("{PREFIX}{id}")
}

fn read(item: &Item) -> Result<MessageTemplate> {
    let shape: TemplateItem = doc(item, WHAT)?;
    Ok(MessageTemplate {
        id: code(text(item, "sk", WHAT)?.trim_start_matches(PREFIX), WHAT)?,
        name: shape.name,
        sender: shape.sender,
        text: shape.text,
        author: shape.author,
        created_at: instant(shape.created_at, WHAT)?,
        modified_at: instant(shape.modified_at, WHAT)?,
        version: number(item, "version", WHAT)?,
    })
}

impl AccountStore {
    pub async fn template(&self, id: &TemplateId) -> Result<Option<MessageTemplate>> {
        let got = reading::get(&self.db, &self.tables.accounts, self.account.as_str(), &sk(id), WHAT).await?;
        got.as_ref().map(read).transpose()
    }

    /// Templates, newest first. `after` is an id.
    pub async fn templates(&self, after: Option<&str>, limit: usize) -> Result<Page<MessageTemplate>> {
        let after = after.map(|id| format!("{PREFIX}{id}"));
        let slice = Slice { pk: self.account.as_str(), prefix: PREFIX, after: after.as_deref(), newest_first: true };
        let page = reading::page(&self.db, &self.tables.accounts, slice, limit, WHAT).await?;
        let items = page.items.iter().map(read).collect::<Result<Vec<_>>>()?;
        let next = page.next.map(|sk| sk.trim_start_matches(PREFIX).to_owned());
        Ok(Page { items, next })
    }

    /// Writes a template that is still at the version read; answers it at its new version.
    pub async fn put_template(&self, template: MessageTemplate) -> Result<MessageTemplate> {
        let shape = TemplateItem {
            name: template.name.clone(),
            sender: template.sender.clone(),
            text: template.text.clone(),
            author: template.author.clone(),
            created_at: ms(template.created_at),
            modified_at: ms(template.modified_at),
        };
        let item = item(self.account.as_str(), &sk(&template.id), &shape);
        self.put(&self.tables.accounts, item, template.version, WHAT).await?;
        Ok(MessageTemplate { version: template.version + 1, ..template })
    }

    /// Removes a template that is still at the version read. Campaigns made from it keep their copies.
    pub async fn delete_template(&self, template: &MessageTemplate) -> Result<()> {
        self.delete(&self.tables.accounts, &sk(&template.id), template.version, WHAT).await
    }
}
