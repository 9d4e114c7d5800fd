//! Credits: the balance in the account's item, and one ledger entry for each movement, written together.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::credits::{Credits, Mode, Movement};
use serde::{Deserialize, Serialize};

use super::item::{Item, Page, code, doc, instant, item, ms, n, s};
use super::reading::{self, Slice};
use super::writes::{COVERS_THE_NEED, updated};
use super::{AccountStore, Result, unbuilt};

const WHAT: &str = "credits";
const PREFIX: &str = "credit#";

#[derive(Serialize, Deserialize)]
struct MovementItem {
    at: i64,
    kind: String,
    credits: Credits,
    about: String,
}

impl AccountStore {
    /// Moves credits alone: granted, withdrawn, spent. Moving none leaves no entry. `random` distinguishes movements of
    /// the same millisecond about the same thing.
    pub async fn move_credits(&self, mode: Mode, movement: &Movement, random: [u8; 8]) -> Result<()> {
        let unique = hex::encode(random);
        let writes = self.movement_writes(mode, std::slice::from_ref(movement), &unique)?;
        if writes.is_empty() { Ok(()) } else { self.transact(writes, WHAT).await }
    }

    /// The writes of some movements: one update of the balance, one entry each. In a limited account the update
    /// succeeds only if the balance covers it. `unique` occurs in no other write of movements about the same thing.
    pub(super) fn movement_writes(
        &self,
        mode: Mode,
        movements: &[Movement],
        unique: &str,
    ) -> Result<Vec<TransactWriteItem>> {
        let movements: Vec<_> = movements.iter().filter(|movement| movement.credits > 0).collect();
        if movements.is_empty() {
            return Ok(Vec::new());
        }
        let (mut balance, mut reserved) = (0i128, 0i128);
        for movement in &movements {
            let (to_balance, to_reserved) = movement.kind.signs();
            balance += i128::from(to_balance) * i128::from(movement.credits);
            reserved += i128::from(to_reserved) * i128::from(movement.credits);
        }
        if mode == Mode::Unlimited {
            balance = 0;
        }
        let update = self
            .update_of_account("SET balance = balance + :b, reserved = reserved + :r", COVERS_THE_NEED)
            .expression_attribute_values(":b", n(balance))
            .expression_attribute_values(":r", n(reserved))
            .expression_attribute_values(":mode", s(mode.code()))
            .expression_attribute_values(":need", n((-balance).max(0)));
        let mut writes = vec![updated(update, WHAT)?];
        for (index, movement) in movements.into_iter().enumerate() {
            let put =
                Put::builder().table_name(&self.tables.accounts).set_item(Some(self.line(movement, index, unique)));
            writes.push(TransactWriteItem::builder().put(put.build().map_err(unbuilt(WHAT))?).build());
        }
        Ok(writes)
    }

    /// The entry of a movement; `place` orders those of one write.
    pub(super) fn line(&self, movement: &Movement, index: usize, unique: &str) -> Item {
        let sk = format!("{PREFIX}{:015}#{}#{index}#{unique}", ms(movement.at), movement.about);
        let shape = MovementItem {
            at: ms(movement.at),
            kind: movement.kind.code().into(),
            credits: movement.credits,
            about: movement.about.clone(),
        };
        item(self.account.as_str(), &sk, &shape)
    }

    /// Entries of the ledger, newest first.
    pub async fn movements(&self, after: Option<&str>, limit: usize) -> Result<Page<Movement>> {
        let slice = Slice { pk: self.account.as_str(), prefix: PREFIX, after, newest_first: true };
        let page = reading::page(&self.db, &self.tables.accounts, slice, limit, WHAT).await?;
        let read = |item: &Item| {
            let line: MovementItem = doc(item, WHAT)?;
            let (at, kind) = (instant(line.at, WHAT)?, code(&line.kind, WHAT)?);
            Ok(Movement { at, kind, credits: line.credits, about: line.about })
        };
        Ok(Page { items: page.items.iter().map(read).collect::<Result<_>>()?, next: page.next })
    }
}
