//! `account export` and `account remove`: an account that leaves takes what is its own, and nothing of it stays.

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

use crate::Failure;
use crate::answer::Answer;
use crate::desk::Desk;

const ITEMS: &str = "items.jsonl";
const FILES: &str = "files";

#[derive(Debug, Args)]
pub struct Export {
    account: AccountId,
    /// A folder that is not there yet: items.jsonl has what the tables hold, files/ what the bucket holds
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

#[derive(Debug, Args)]
pub struct Remove {
    account: AccountId,
    /// The account's name, letter for letter: everything of it is lost for good
    #[arg(long, value_name = "NAME")]
    confirm: String,
}

#[derive(Serialize)]
struct Counted {
    account: String,
    items: u64,
    files: usize,
    octets: u64,
}

impl Export {
    /// Writes everything but what opens a door: no hash of a password or a key leaves.
    pub async fn run(self, desk: &Desk) -> Result<Answer, Failure> {
        let account = desk.account(&self.account).await?;
        let unwritable = |source| Failure::Unwritable { file: self.to.clone(), source };
        fs::create_dir(&self.to).map_err(unwritable)?;
        let items = items(desk, &account.id, &self.to.join(ITEMS)).await?;
        let files = desk.files()?.of_account(&account.id).await?;
        let mut octets = 0;
        for file in &files {
            octets += file.octets;
            let path = self.to.join(FILES).join(file.path(&account.id));
            let unwritable = |source| Failure::Unwritable { file: path.clone(), source };
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).map_err(unwritable)?;
            }
            let mut writer = BufWriter::new(File::create_new(&path).map_err(unwritable)?);
            let mut body = desk.files()?.stream_own(file).await?;
            while let Some(chunk) = body.next().await {
                let cut = |error: io::Error| Failure::Unwritable { file: path.clone(), source: error };
                let chunk = chunk.map_err(|error| cut(io::Error::other(error)))?;
                writer.write_all(&chunk).map_err(unwritable)?;
            }
            writer.flush().map_err(unwritable)?;
        }
        accounts::note_export(&desk.context(&account.id)?).await?;
        let text = format!("{items} items and {} files ({octets} octets) are in {}\n", files.len(), self.to.display());
        Answer::new(&Counted { account: account.id.to_string(), items, files: files.len(), octets }, text)
    }
}

async fn items(desk: &Desk, id: &AccountId, path: &Path) -> Result<u64, Failure> {
    let unwritable = |source| Failure::Unwritable { file: path.to_owned(), source };
    let mut writer = BufWriter::new(File::create_new(path).map_err(unwritable)?);
    let (mut count, mut written) = (0, Ok(()));
    let mut each = |item: aws::store::RawItem| {
        count += 1;
        written = writeln!(writer, "{}", json!({ "table": item.table, "item": item.content }));
        written.is_ok()
    };
    desk.store()?.account(id).each_item(&mut each).await?;
    written.and_then(|()| writer.flush()).map_err(unwritable)?;
    Ok(count)
}

impl Remove {
    pub async fn run(self, desk: &Desk) -> Result<Answer, Failure> {
        let account = desk.account(&self.account).await?;
        let store = desk.store()?.account(&account.id);
        if self.confirm != account.name {
            let refused = format!("{} is called {:?}, not {:?}", account.id, account.name, self.confirm);
            return Err(Failure::Refused(refused));
        }
        self.refuse_while_busy(desk, &account).await?;
        // Tables first: with the keys and the users gone, nobody makes new files.
        let items = store.remove_everything().await?;
        let files = desk.files()?.of_account(&account.id).await?;
        for file in &files {
            desk.files()?.remove_own(file).await?;
        }
        let octets = files.iter().map(|file| file.octets).sum();
        let text = format!("{} is gone: {items} items and {} files ({octets} octets)\n", account.id, files.len());
        Answer::new(&Counted { account: account.id.to_string(), items, files: files.len(), octets }, text)
    }

    /// What is at work would write what has just been removed, or send what nobody can account for.
    async fn refuse_while_busy(&self, desk: &Desk, account: &Account) -> Result<(), Failure> {
        let store = desk.store()?.account(&account.id);
        if let Some(campaign) = store.open_campaigns().await?.first() {
            return Err(Failure::Refused(format!(
                "{campaign} of {0} is not over: `campaign pause {0} {campaign}`, `campaign cancel {0} {campaign}`, and \
                 wait for its receipts",
                account.id
            )));
        }
        let lists = store.lists(None, usize::MAX).await?.items;
        match lists.iter().find(|list| list.status == Status::Importing) {
            None => Ok(()),
            Some(list) => Err(Failure::Refused(format!("{} is being imported: wait until it is done", list.id))),
        }
    }
}
