//! `account export` and `account remove`: an account that leaves gets its data, and all of it is removed.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use app::accounts;
use clap::Args;
use domain::account::Account;
use domain::ids::AccountId;
use domain::list::Status;
use serde::Serialize;
use serde_json::json;

use crate::CommandError;
use crate::answer::Answer;
use crate::operator::Operator;

const ITEMS: &str = "items.jsonl";
const FILES: &str = "files";

#[derive(Debug, Args)]
pub struct Export {
    account: AccountId,
    /// A new folder: items.jsonl gets the contents of the tables, files/ those of the bucket
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

#[derive(Debug, Args)]
pub struct Remove {
    account: AccountId,
    /// The account's exact name: all of its data is lost for good
    #[arg(long, value_name = "NAME")]
    confirm: String,
}

#[derive(Serialize)]
struct Counted {
    account: String,
    items: u64,
    files: usize,
    bytes: u64,
}

impl Export {
    /// Writes everything except credentials: no hash of a password or key is exported.
    pub async fn run(self, operator: &Operator) -> Result<Answer, CommandError> {
        let account = operator.account(&self.account).await?;
        let unwritable = |source| CommandError::Unwritable { file: self.to.clone(), source };
        fs::create_dir(&self.to).map_err(unwritable)?;
        let items = items(operator, &account.id, &self.to.join(ITEMS)).await?;
        let files = operator.files()?.of_account(&account.id).await?;
        let mut bytes = 0;
        for file in &files {
            bytes += file.size;
            let path = self.to.join(FILES).join(file.path(&account.id));
            let unwritable = |source| CommandError::Unwritable { file: path.clone(), source };
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).map_err(unwritable)?;
            }
            let mut writer = BufWriter::new(File::create_new(&path).map_err(unwritable)?);
            let mut body = operator.files()?.stream_own(file).await?;
            while let Some(chunk) = body.next().await {
                let cut = |error: io::Error| CommandError::Unwritable { file: path.clone(), source: error };
                let chunk = chunk.map_err(|error| cut(io::Error::other(error)))?;
                writer.write_all(&chunk).map_err(unwritable)?;
            }
            writer.flush().map_err(unwritable)?;
        }
        accounts::note_export(&operator.context(&account.id)?).await?;
        let text = format!("{items} items and {} files ({bytes} bytes) are in {}\n", files.len(), self.to.display());
        Answer::new(&Counted { account: account.id.to_string(), items, files: files.len(), bytes }, text)
    }
}

async fn items(operator: &Operator, id: &AccountId, path: &Path) -> Result<u64, CommandError> {
    let unwritable = |source| CommandError::Unwritable { file: path.to_owned(), source };
    let mut writer = BufWriter::new(File::create_new(path).map_err(unwritable)?);
    let (mut count, mut written) = (0, Ok(()));
    let mut each = |item: aws::store::RawItem| {
        count += 1;
        written = writeln!(writer, "{}", json!({ "table": item.table, "item": item.content }));
        written.is_ok()
    };
    operator.store()?.account(id).each_item(&mut each).await?;
    written.and_then(|()| writer.flush()).map_err(unwritable)?;
    Ok(count)
}

impl Remove {
    pub async fn run(self, operator: &Operator) -> Result<Answer, CommandError> {
        let account = operator.account(&self.account).await?;
        let store = operator.store()?.account(&account.id);
        if self.confirm != account.name {
            let refused = format!("{} is called {:?}, not {:?}", account.id, account.name, self.confirm);
            return Err(CommandError::Refused(refused));
        }
        self.refuse_while_busy(operator, &account).await?;
        // Tables first: without keys and users no new files are created.
        let items = store.remove_everything().await?;
        let files = operator.files()?.of_account(&account.id).await?;
        for file in &files {
            operator.files()?.remove_own(file).await?;
        }
        let bytes = files.iter().map(|file| file.size).sum();
        let text = format!("{} is gone: {items} items and {} files ({bytes} bytes)\n", account.id, files.len());
        Answer::new(&Counted { account: account.id.to_string(), items, files: files.len(), bytes }, text)
    }

    /// Work in progress could write again what was just removed, or send messages that are no longer accounted for.
    async fn refuse_while_busy(&self, operator: &Operator, account: &Account) -> Result<(), CommandError> {
        let store = operator.store()?.account(&account.id);
        if let Some(campaign) = store.open_campaigns().await?.first() {
            return Err(CommandError::Refused(format!(
                "{campaign} of {0} is not over: `campaign pause {0} {campaign}`, `campaign cancel {0} {campaign}`, and \
                 wait for its receipts",
                account.id
            )));
        }
        let lists = store.lists(None, usize::MAX).await?.items;
        match lists.iter().find(|list| list.status == Status::Importing) {
            None => Ok(()),
            Some(list) => Err(CommandError::Refused(format!("{} is being imported: wait until it is done", list.id))),
        }
    }
}
