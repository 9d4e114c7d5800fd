//! The cost of a request to tables, by table, index and partition key. Pure.
//!
//! The embedded database computes sizes of items and index entries as DynamoDB does, and reports consumed units: for a
//! write the larger of the item before and after by started KB, double in a transaction; for each index whose entry
//! changes its own units, two entries if its key changes; for a read by started 4 KB, half if eventually consistent.
//! Its figures were captured on AWS, where a transaction does not double the units of indexes. A batch or transaction
//! reports one sum per table, which is shared among its partition keys by the sizes in the request.

use std::collections::{BTreeMap, HashMap};

use dynoxide::types::{CapacityDetail, ConsumedCapacity, item_size, write_capacity_units};
use dynoxide::{AttributeValue, Item};

use crate::cloud::meter::{Capacity, Charge, Units};

/// The key attributes of a table, and the hash attributes of its indexes by name.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    pub hash: String,
    pub range: Option<String>,
    pub indexes: Vec<(String, String)>,
}

impl Keys {
    /// Read from a request to create the table.
    pub fn from_create_table(create: &serde_json::Value) -> Self {
        let key = |of: &serde_json::Value, kind: &str| {
            let mut keys = of["KeySchema"].as_array().into_iter().flatten();
            let key = keys.find(|key| key["KeyType"] == kind)?;
            key["AttributeName"].as_str().map(str::to_owned)
        };
        let hash = |of: &serde_json::Value| key(of, "HASH").unwrap_or_default();
        let indexes = create["GlobalSecondaryIndexes"].as_array().into_iter().flatten();
        let name = |index: &serde_json::Value| index["IndexName"].as_str().unwrap_or_default().to_owned();
        let range = key(create, "RANGE");
        Self { hash: hash(create), range, indexes: indexes.map(|index| (name(index), hash(index))).collect() }
    }
}

/// The part of a request that concerns one item.
#[derive(Debug, Clone)]
pub struct Part {
    pub table: String,
    pub key: String,
    /// The indexes known to contain the item, with its partition key there.
    pub indexes: Vec<(String, String)>,
    /// Its share of the request's cost on this table.
    weight: f64,
}

impl Part {
    /// A read, or a write without a size in the request.
    pub fn of_key(keys: &Keys, table: &str, key: &Item) -> Self {
        Self::of_text(table, key.get(&keys.hash).map(text).unwrap_or_default())
    }

    /// A read of a partition key.
    pub fn of_text(table: &str, key: String) -> Self {
        Self { table: table.to_owned(), key, indexes: Vec::new(), weight: 1.0 }
    }

    /// A write of a whole item.
    pub fn of_item(keys: &Keys, table: &str, item: &Item) -> Self {
        let weight = write_capacity_units(item_size(item));
        let mut part = Self { weight, ..Self::of_key(keys, table, item) };
        part.learn(keys, item);
        part
    }

    /// Records which indexes contain an item, before or after the write.
    pub fn learn(&mut self, keys: &Keys, item: &Item) {
        for (index, attribute) in &keys.indexes {
            let is_known = self.indexes.iter().any(|(known, _)| known == index);
            if let (false, Some(value)) = (is_known, item.get(attribute)) {
                self.indexes.push((index.clone(), text(value)));
            }
        }
    }

    /// Whether an index was billed whose key is not known.
    pub fn is_short_of(&self, consumed: Option<&ConsumedCapacity>) -> bool {
        let indexes = consumed.and_then(|consumed| consumed.global_secondary_indexes.as_ref());
        indexes.is_some_and(|indexes| indexes.keys().any(|index| !self.indexes.iter().any(|(known, _)| known == index)))
    }
}

/// The charges of one request.
#[derive(Debug, Default)]
pub struct Bill(Vec<Charge>);

impl Bill {
    pub fn into_charges(self) -> Vec<Charge> {
        self.0
    }

    /// Distributes consumed units to the partition keys of the parts.
    pub fn add<'c>(
        &mut self,
        capacity: Capacity,
        consumed: impl IntoIterator<Item = &'c ConsumedCapacity>,
        parts: &[Part],
    ) {
        for consumed in consumed {
            let parts = || parts.iter().filter(|part| part.table == consumed.table_name);
            // A request without indexes has no detail either.
            let table = consumed.table.as_ref().map_or(consumed.capacity_units, units);
            let shares = parts().map(|part| (part.key.as_str(), part.weight));
            self.share((consumed.table_name.clone(), capacity), table, shares);
            for (index, detail) in consumed.global_secondary_indexes.iter().flatten() {
                let keys = parts().flat_map(|part| &part.indexes).filter(|(name, _)| name == index);
                let on = (format!("{}/{index}", consumed.table_name), capacity);
                self.share(on, units(detail), keys.map(|(_, key)| (key.as_str(), 1.0)));
            }
        }
    }

    /// A write whose condition failed costs the size of the present item, at least one unit.
    pub fn add_refused(&mut self, part: &Part, found: Option<&Item>) {
        let units = Units::new(write_capacity_units(found.map_or(0, item_size)));
        self.0.push(Charge { on: (part.table.clone(), Capacity::Write), key: part.key.clone(), units });
    }

    /// A cancelled transaction costs as much as a successful one, as far as the request shows the sizes.
    pub fn add_cancelled(&mut self, parts: &[Part]) {
        for part in parts {
            let units = Units::new(2.0 * part.weight);
            self.0.push(Charge { on: (part.table.clone(), Capacity::Write), key: part.key.clone(), units });
        }
    }

    /// Shares units among keys by weight. The sum is exact.
    fn share<'k>(&mut self, on: (String, Capacity), total: f64, shares: impl Iterator<Item = (&'k str, f64)>) {
        if total <= 0.0 {
            return;
        }
        let mut weights: BTreeMap<&str, f64> = BTreeMap::new();
        shares.for_each(|(key, weight)| *weights.entry(key).or_default() += weight);
        if weights.is_empty() {
            weights.insert("", 1.0);
        }
        let whole: f64 = weights.values().sum();
        let (mut weight_before, mut before) = (0.0, 0.0);
        for (key, weight) in weights {
            weight_before += weight;
            let until = Units::new(total * weight_before / whole).get();
            self.0.push(Charge { on: on.clone(), key: key.to_owned(), units: Units::new(until - before) });
            before = until;
        }
    }
}

fn units(detail: &CapacityDetail) -> f64 {
    detail.capacity_units
}

/// A key as text.
fn text(value: &AttributeValue) -> String {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.clone(),
        other => format!("{other:?}"),
    }
}

/// The partition key of a query: the value that the hash attribute must equal.
pub fn queried(
    keys: &Keys,
    index: Option<&str>,
    condition: &str,
    names: Option<&HashMap<String, String>>,
    values: Option<&HashMap<String, AttributeValue>>,
) -> String {
    let of_index = |index: &str| keys.indexes.iter().find(|(name, _)| name == index).map(|(_, hash)| hash.as_str());
    let hash = index.map_or(Some(keys.hash.as_str()), of_index).unwrap_or_default();
    let terms = condition.split(" AND ").filter_map(|term| term.split_once('='));
    let mut terms = terms.map(|(name, value)| (name.trim(), value.trim()));
    let real = |name: &str| names.and_then(|names| names.get(name)).map_or(name == hash, |name| name == hash);
    let value = terms.find(|(name, _)| real(name)).map(|(_, value)| value);
    value.and_then(|value| values?.get(value)).map(text).unwrap_or_default()
}
