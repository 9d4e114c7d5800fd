//! Reads and writes of items, each with its consumed units. They are removed from responses that did not ask for them.

use dynoxide::actions::batch_get_item::{BatchGetItemRequest, BatchGetItemResponse};
use dynoxide::actions::batch_write_item::{BatchWriteItemRequest, BatchWriteItemResponse, WriteRequest};
use dynoxide::actions::delete_item::{DeleteItemRequest, DeleteItemResponse};
use dynoxide::actions::get_item::{GetItemRequest, GetItemResponse};
use dynoxide::actions::put_item::{PutItemRequest, PutItemResponse};
use dynoxide::actions::query::{QueryRequest, QueryResponse};
use dynoxide::actions::scan::{ScanRequest, ScanResponse};
use dynoxide::actions::transact_get_items::{TransactGetItemsRequest, TransactGetItemsResponse};
use dynoxide::actions::transact_write_items::{
    TransactWriteItem, TransactWriteItemsRequest, TransactWriteItemsResponse,
};
use dynoxide::actions::update_item::{UpdateItemRequest, UpdateItemResponse};
use dynoxide::types::capacity_wanted;
use dynoxide::{DynoxideError, Item, Result};

use super::Tables;
use super::bill::{Bill, Keys, Part, queried};
use crate::cloud::meter::Capacity;

const ALL_OLD: &str = "ALL_OLD";

impl Tables {
    pub(super) fn get_item(&self, mut request: GetItemRequest, bill: &mut Bill) -> Result<GetItemResponse> {
        let part = Part::of_key(self.keys(&request.table_name), &request.table_name, &request.key);
        let is_wanted = ask(&mut request.return_consumed_capacity);
        let mut answer = self.database.get_item(request)?;
        bill.add(Capacity::Read, &answer.consumed_capacity, &[part]);
        answer.consumed_capacity = answer.consumed_capacity.filter(|_| is_wanted);
        Ok(answer)
    }

    pub(super) fn query(&self, mut request: QueryRequest, bill: &mut Bill) -> Result<QueryResponse> {
        let (index, keys) = (request.index_name.clone(), self.keys(&request.table_name));
        let asked = index.clone();
        let condition = request.key_condition_expression.as_deref().unwrap_or_default();
        let (names, values) = (&request.expression_attribute_names, &request.expression_attribute_values);
        let key = queried(keys, index.as_deref(), condition, names.as_ref(), values.as_ref());
        let indexes = index.into_iter().map(|index| (index, key.clone())).collect();
        let mut part = Part::of_text(&request.table_name, key);
        part.indexes = indexes;
        let is_wanted = ask(&mut request.return_consumed_capacity);
        let mut answer = self.database_of(asked.as_ref(), |database| database.query(request))?;
        bill.add(Capacity::Read, &answer.consumed_capacity, &[part]);
        answer.consumed_capacity = answer.consumed_capacity.filter(|_| is_wanted);
        Ok(answer)
    }

    pub(super) fn scan(&self, mut request: ScanRequest, bill: &mut Bill) -> Result<ScanResponse> {
        let is_wanted = ask(&mut request.return_consumed_capacity);
        let asked = request.index_name.clone();
        let mut answer = self.database_of(asked.as_ref(), |database| database.scan(request))?;
        bill.add(Capacity::Read, &answer.consumed_capacity, &[]);
        answer.consumed_capacity = answer.consumed_capacity.filter(|_| is_wanted);
        Ok(answer)
    }

    pub(super) fn batch_get_item(
        &self,
        mut request: BatchGetItemRequest,
        bill: &mut Bill,
    ) -> Result<BatchGetItemResponse> {
        let of_table = |(table, wanted): (&String, &dynoxide::actions::batch_get_item::KeysAndAttributes)| {
            let keys = self.keys(table);
            wanted.keys.iter().map(|key| Part::of_key(keys, table, key)).collect::<Vec<_>>()
        };
        let parts: Vec<Part> = request.request_items.iter().flat_map(of_table).collect();
        let is_wanted = ask(&mut request.return_consumed_capacity);
        let mut answer = self.database.batch_get_item(request)?;
        bill.add(Capacity::Read, answer.consumed_capacity.iter().flatten(), &parts);
        answer.consumed_capacity = answer.consumed_capacity.filter(|_| is_wanted);
        Ok(answer)
    }

    pub(super) fn transact_get_items(
        &self,
        mut request: TransactGetItemsRequest,
        bill: &mut Bill,
    ) -> Result<TransactGetItemsResponse> {
        let gets = request.transact_items.iter().map(|item| &item.get);
        let part = |get: &dynoxide::actions::transact_get_items::TransactGet| {
            Part::of_key(self.keys(&get.table_name), &get.table_name, &get.key)
        };
        let parts: Vec<Part> = gets.map(part).collect();
        let is_wanted = ask(&mut request.return_consumed_capacity);
        let mut answer = self.database.transact_get_items(request)?;
        bill.add(Capacity::Read, answer.consumed_capacity.iter().flatten(), &parts);
        answer.consumed_capacity = answer.consumed_capacity.filter(|_| is_wanted);
        Ok(answer)
    }

    pub(super) fn put_item(&self, mut request: PutItemRequest, bill: &mut Bill) -> Result<PutItemResponse> {
        let part = Part::of_item(self.keys(&request.table_name), &request.table_name, &request.item);
        let is_wanted = ask(&mut request.return_consumed_capacity);
        let wants_item =
            ask_for_item(&request.condition_expression, &mut request.return_values_on_condition_check_failure);
        let mut answer = self.database.put_item(request).map_err(|error| refused(error, &part, wants_item, bill))?;
        bill.add(Capacity::Write, &answer.consumed_capacity, &[part]);
        answer.consumed_capacity = answer.consumed_capacity.filter(|_| is_wanted);
        Ok(answer)
    }

    pub(super) fn update_item(&self, mut request: UpdateItemRequest, bill: &mut Bill) -> Result<UpdateItemResponse> {
        let (table, key, keys) = (request.table_name.clone(), request.key.clone(), self.keys(&request.table_name));
        let mut part = Part::of_key(keys, &table, &key);
        let is_wanted = ask(&mut request.return_consumed_capacity);
        let wants_item =
            ask_for_item(&request.condition_expression, &mut request.return_values_on_condition_check_failure);
        // The item before the write shows its keys in the indexes.
        let is_asked = request.return_values.as_deref().is_some_and(|values| values != "NONE");
        if !is_asked && !keys.indexes.is_empty() {
            request.return_values = Some(ALL_OLD.to_owned());
        }
        let mut answer = self.database.update_item(request).map_err(|error| refused(error, &part, wants_item, bill))?;
        answer.attributes.iter().for_each(|item| part.learn(keys, item));
        if part.is_short_of(answer.consumed_capacity.as_ref())
            && let Some(item) = self.look(&table, key)
        {
            part.learn(keys, &item);
        }
        bill.add(Capacity::Write, &answer.consumed_capacity, &[part]);
        answer.attributes = answer.attributes.filter(|_| is_asked);
        answer.consumed_capacity = answer.consumed_capacity.filter(|_| is_wanted);
        Ok(answer)
    }

    pub(super) fn delete_item(&self, mut request: DeleteItemRequest, bill: &mut Bill) -> Result<DeleteItemResponse> {
        let keys = self.keys(&request.table_name);
        let mut part = Part::of_key(keys, &request.table_name, &request.key);
        let is_wanted = ask(&mut request.return_consumed_capacity);
        let wants_item =
            ask_for_item(&request.condition_expression, &mut request.return_values_on_condition_check_failure);
        let is_asked = request.return_values.as_deref() == Some(ALL_OLD);
        if !keys.indexes.is_empty() {
            request.return_values = Some(ALL_OLD.to_owned());
        }
        let mut answer = self.database.delete_item(request).map_err(|error| refused(error, &part, wants_item, bill))?;
        answer.attributes.iter().for_each(|item| part.learn(keys, item));
        bill.add(Capacity::Write, &answer.consumed_capacity, &[part]);
        answer.attributes = answer.attributes.filter(|_| is_asked);
        answer.consumed_capacity = answer.consumed_capacity.filter(|_| is_wanted);
        Ok(answer)
    }

    pub(super) fn batch_write_item(
        &self,
        mut request: BatchWriteItemRequest,
        bill: &mut Bill,
    ) -> Result<BatchWriteItemResponse> {
        let of_table = |(table, writes): (&String, &Vec<WriteRequest>)| {
            let keys = self.keys(table);
            let part = |write: &WriteRequest| match (&write.put_request, &write.delete_request) {
                (Some(put), _) => Some(Part::of_item(keys, table, &put.item)),
                (None, Some(delete)) => Some(Part::of_key(keys, table, &delete.key)),
                (None, None) => None,
            };
            writes.iter().filter_map(part).collect::<Vec<_>>()
        };
        let parts: Vec<Part> = request.request_items.iter().flat_map(of_table).collect();
        let is_wanted = ask(&mut request.return_consumed_capacity);
        let mut answer = self.database.batch_write_item(request)?;
        bill.add(Capacity::Write, answer.consumed_capacity.iter().flatten(), &parts);
        answer.consumed_capacity = answer.consumed_capacity.filter(|_| is_wanted);
        Ok(answer)
    }

    pub(super) fn transact_write_items(
        &self,
        mut request: TransactWriteItemsRequest,
        bill: &mut Bill,
    ) -> Result<TransactWriteItemsResponse> {
        let parts: Vec<Part> = request.transact_items.iter().filter_map(|item| self.part(item)).collect();
        let is_wanted = ask(&mut request.return_consumed_capacity);
        let mut answer = self.tokens.once(request.client_request_token.take(), self.clock.now(), || {
            let answer = self.database.transact_write_items(request).inspect_err(|error| {
                if matches!(error, DynoxideError::TransactionCanceledException(..)) {
                    bill.add_cancelled(&parts);
                }
            })?;
            bill.add(Capacity::Write, answer.consumed_capacity.iter().flatten(), &parts);
            Ok(answer)
        })?;
        answer.consumed_capacity = answer.consumed_capacity.filter(|_| is_wanted);
        Ok(answer)
    }

    fn part(&self, item: &TransactWriteItem) -> Option<Part> {
        if let Some(put) = &item.put {
            return Some(Part::of_item(self.keys(&put.table_name), &put.table_name, &put.item));
        }
        let (table, key) = match (&item.update, &item.delete, &item.condition_check) {
            (Some(update), _, _) => (&update.table_name, &update.key),
            (_, Some(delete), _) => (&delete.table_name, &delete.key),
            (_, _, Some(check)) => (&check.table_name, &check.key),
            (None, None, None) => return None,
        };
        Some(Part::of_key(self.keys(table), table, key))
    }

    pub(super) fn keys(&self, table: &str) -> &Keys {
        self.schemas.get(table).map_or(&self.no_keys, |(_, keys)| keys)
    }

    /// An item as it is now; not billed.
    pub(super) fn look(&self, table: &str, key: Item) -> Option<Item> {
        let request = GetItemRequest {
            table_name: table.to_owned(),
            key,
            consistent_read: Some(true),
            projection_expression: None,
            expression_attribute_names: None,
            return_consumed_capacity: None,
            attributes_to_get: None,
        };
        self.database.get_item(request).ok()?.item
    }
}

/// Requests the consumed units; returns whether the caller did.
fn ask(mode: &mut Option<String>) -> bool {
    let is_wanted = capacity_wanted(mode.as_deref());
    *mode = Some("INDEXES".to_owned());
    is_wanted
}

/// Requests the item of a failed condition, whose size is billed; returns whether the caller did.
fn ask_for_item(condition: &Option<String>, mode: &mut Option<String>) -> bool {
    let is_wanted = mode.as_deref() == Some(ALL_OLD);
    if condition.is_some() {
        *mode = Some(ALL_OLD.to_owned());
    }
    is_wanted
}

fn refused(error: DynoxideError, part: &Part, wants_item: bool, bill: &mut Bill) -> DynoxideError {
    match error {
        DynoxideError::ConditionalCheckFailedException(message, found) => {
            bill.add_refused(part, found.as_ref());
            DynoxideError::ConditionalCheckFailedException(message, found.filter(|_| wants_item))
        }
        other => other,
    }
}
