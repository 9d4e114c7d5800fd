//! The tables that the store needs: keys, indexes, expiry. `infra/template.yaml` creates them, a test compares the two,
//! and the operators' `doctor` compares a deployment.

use super::campaign_projections::STATUSES;
use super::campaigns::DUE;
use super::tallies::INDEX as TALLIES;

/// A table as the code expects it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSchema {
    /// `AccountsTable`, as in the template.
    pub logical: &'static str,
    /// Partition key and sort key.
    pub keys: [&'static str; 2],
    pub indexes: &'static [IndexSchema],
    /// Epoch seconds after which an item may expire.
    pub expires_by: Option<&'static str>,
}

/// An index of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexSchema {
    pub name: &'static str,
    pub keys: [&'static str; 2],
}

const KEYS: [&str; 2] = ["pk", "sk"];
const EXPIRES_AT: Option<&str> = Some("expires_at");

/// The tables, in the order of the template.
pub fn schema() -> [TableSchema; 4] {
    let table = |logical, expires_by| TableSchema { logical, keys: KEYS, indexes: &[], expires_by };
    const INDEXES: &[IndexSchema] = &[
        IndexSchema { name: DUE, keys: [DUE, "due_at"] },
        IndexSchema { name: TALLIES, keys: ["tally_of", "sk"] },
        IndexSchema { name: STATUSES, keys: ["status_of", "sk"] },
    ];
    [
        table("AccountsTable", EXPIRES_AT),
        table("ListsTable", None),
        TableSchema { indexes: INDEXES, ..table("CampaignsTable", EXPIRES_AT) },
        table("LinksTable", EXPIRES_AT),
    ]
}
