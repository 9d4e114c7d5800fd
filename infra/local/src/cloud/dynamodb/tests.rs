//! Compares units with cases computed by hand from AWS's rules.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, KeysAndAttributes, Put, PutRequest, ReturnValue, TransactWriteItem, Update, WriteRequest,
};
use support::Clock;

use crate::cloud::tests::options;
use crate::cloud::{Data, LocalCloud, Options, Requests};
use crate::template::{self, Template};

const TABLE: &str = "envol-CampaignsTable";
const TALLIES: &str = "envol-CampaignsTable/tallies";
const DUE: &str = "envol-CampaignsTable/due";

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn n(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// An attribute of this many bytes, including its name.
fn filler(name: &str, bytes: usize) -> (String, AttributeValue) {
    (name.to_owned(), s(&"x".repeat(bytes - name.len())))
}

type Item = std::collections::HashMap<String, AttributeValue>;

/// An item of exactly this size: two keys of 10 bytes with their names, and a filler.
fn item(sk: &str, bytes: usize) -> Item {
    let keys = [("pk".to_owned(), s("acc_0001")), ("sk".to_owned(), s(&format!("{sk:<8}")))];
    keys.into_iter().chain((bytes > 20).then(|| filler("ledger", bytes - 20))).collect()
}

struct Bench {
    cloud: LocalCloud,
    clock: Clock,
    db: Client,
    before: Requests,
}

impl Bench {
    async fn new() -> Self {
        let template = Template::read(template::TEXT, &template::tests::context()).unwrap();
        let clock = Clock::manual("2026-01-01T00:00:00Z".parse().unwrap());
        let cloud =
            LocalCloud::open(Options { clock: clock.clone(), ..options(Data::Memory) }, &template).await.unwrap();
        let (db, before) = (Client::new(&cloud.sdk_config()), cloud.requests());
        Self { cloud, clock, db, before }
    }

    /// Checks the units since the last call: writes of the table and of two indexes, reads of all.
    #[track_caller]
    fn costs(&mut self, table: f64, tallies: f64, due: f64, read: f64) {
        let now = self.cloud.requests();
        let asked = now.since(&self.before);
        let writes = [TABLE, TALLIES, DUE].map(|on| asked.write_units_of(on));
        assert_eq!((writes, asked.read_units()), ([table, tallies, due], read), "{asked}");
        self.before = now;
    }

    async fn put(&self, item: Item) {
        self.db.put_item().table_name(TABLE).set_item(Some(item)).send().await.unwrap();
    }
}

fn with(mut item: Item, attributes: &[(&str, AttributeValue)]) -> Item {
    item.extend(attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    item
}

#[tokio::test]
async fn a_write_costs_a_unit_for_each_started_kb_of_the_larger_of_before_and_after() {
    let mut bench = Bench::new().await;
    for (bytes, units) in [(20, 1.0), (1_024, 1.0), (1_025, 2.0), (8_600, 9.0), (30, 9.0), (30, 1.0)] {
        bench.put(item("a", bytes)).await;
        bench.costs(units, 0.0, 0.0, 0.0);
    }
    bench.put(item("a", 2_049)).await;
    let key = |bench: &Bench| bench.db.delete_item().table_name(TABLE).key("pk", s("acc_0001"));
    key(&bench).key("sk", s("a       ")).send().await.unwrap();
    key(&bench).key("sk", s("nobody  ")).send().await.unwrap();
    bench.costs(3.0 + 3.0 + 1.0, 0.0, 0.0, 0.0);
}

#[tokio::test]
async fn an_index_costs_by_what_it_projects_and_only_when_that_changes() {
    let mut bench = Bench::new().await;
    let batch = |ledger: usize, doc: usize, of: &str| {
        let (name, doc) = filler("doc", doc);
        with(with(item("b", ledger), &[("tally_of", s(of))]), &[(&name, doc)])
    };
    bench.put(batch(8_000, 1_200, "acc/c1")).await; // 9,214 bytes; its entry 20 + 14 + 1,200 = 1,234
    bench.costs(9.0, 2.0, 0.0, 0.0);
    bench.put(batch(4_000, 1_200, "acc/c1")).await;
    bench.costs(9.0, 0.0, 0.0, 0.0);
    bench.put(batch(4_000, 300, "acc/c1")).await;
    bench.costs(6.0, 2.0, 0.0, 0.0);
    bench.put(batch(4_000, 300, "acc/c2")).await;
    bench.costs(5.0, 1.0 + 1.0, 0.0, 0.0);
    let update = bench.db.update_item().table_name(TABLE).key("pk", s("acc_0001")).key("sk", s("b       "));
    let update = update.update_expression("SET due = :due, due_at = :at REMOVE tally_of");
    let update = update.expression_attribute_values(":due", s("due")).expression_attribute_values(":at", n(5));
    let answer = update.send().await.unwrap();
    assert_eq!((answer.attributes, answer.consumed_capacity), (None, None), "nobody asked");
    bench.costs(5.0, 1.0, 1.0, 0.0);
    let peak = bench.cloud.requests();
    assert_eq!(peak.peak_write_units_per_second_of(DUE).unwrap().key, "due");
    assert_eq!(peak.peak_write_units_per_second_of(TALLIES).unwrap().key, "acc/c1");
}

#[tokio::test]
async fn a_failed_write_costs_the_size_of_the_present_item() {
    let mut bench = Bench::new().await;
    bench.put(item("a", 5_000)).await;
    let put = |sk: &str, condition: &str| {
        let put = bench.db.put_item().table_name(TABLE).set_item(Some(item(sk, 30)));
        put.condition_expression(condition).send()
    };
    let error = put("a", "attribute_not_exists(pk)").await.unwrap_err().into_service_error();
    assert!(error.is_conditional_check_failed_exception(), "{error:?}");
    put("b", "attribute_exists(pk)").await.unwrap_err();
    bench.costs(5.0 + 5.0 + 1.0, 0.0, 0.0, 0.0);
}

#[tokio::test]
async fn a_transaction_costs_double_on_the_table() {
    let mut bench = Bench::new().await;
    bench.put(item("gone", 1_500)).await;
    bench.costs(2.0, 0.0, 0.0, 0.0);
    let put = |item: Item| Put::builder().table_name(TABLE).set_item(Some(item)).build().unwrap();
    let delete = Delete::builder().table_name(TABLE).key("pk", s("acc_0001")).key("sk", s("gone    ")).build().unwrap();
    let update = Update::builder().table_name(TABLE).key("pk", s("acc_0002")).key("sk", s("new"));
    let update = update.update_expression("SET a = :a").expression_attribute_values(":a", n(1)).build().unwrap();
    let one = TransactWriteItem::builder().put(put(with(item("b", 3_000), &[("tally_of", s("t"))]))).build();
    let two = TransactWriteItem::builder().delete(delete).build();
    let three = TransactWriteItem::builder().update(update).build();
    bench.db.transact_write_items().set_transact_items(Some(vec![one, two, three])).send().await.unwrap();
    bench.costs(2.0 * (3.0 + 2.0 + 1.0), 1.0, 0.0, 0.0);
}

#[tokio::test]
async fn a_batch_costs_its_items_each_on_its_own_key() {
    let mut bench = Bench::new().await;
    let put = |pk: &str, bytes: usize| {
        let item = with(item("b", bytes), &[("pk", s(pk)), ("tally_of", s(pk))]);
        let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
        WriteRequest::builder().put_request(put).build()
    };
    let writes = vec![put("acc_0001", 3_000), put("acc_0002", 900), put("acc_0003", 100)];
    bench.db.batch_write_item().request_items(TABLE, writes).send().await.unwrap();
    bench.costs(3.0 + 1.0 + 1.0, 3.0, 0.0, 0.0);
    let asked = bench.cloud.requests();
    let peak = asked.peak_write_units_per_second_of(TABLE).unwrap();
    assert_eq!((peak.key.as_str(), peak.units.get()), ("acc_0001", 3.0));
    assert_eq!(asked.peak_write_units_per_second_of(TALLIES).unwrap().units.get(), 1.0);
}

#[tokio::test]
async fn reads_cost_by_started_4_kb_and_half_when_they_may_be_stale() {
    let mut bench = Bench::new().await;
    bench.put(item("a", 5_000)).await;
    bench.put(with(item("b", 3_000), &[("tally_of", s("t")), ("doc", filler("doc", 2_000).1)])).await;
    bench.before = bench.cloud.requests();
    let get = |sk: &str| bench.db.get_item().table_name(TABLE).key("pk", s("acc_0001")).key("sk", s(sk));
    get("a       ").consistent_read(true).send().await.unwrap();
    get("a       ").send().await.unwrap();
    get("nobody  ").consistent_read(true).send().await.unwrap();
    bench.costs(0.0, 0.0, 0.0, 2.0 + 1.0 + 1.0);
    let query = bench.db.query().table_name(TABLE).key_condition_expression("pk = :pk");
    query.expression_attribute_values(":pk", s("acc_0001")).consistent_read(true).send().await.unwrap();
    bench.costs(0.0, 0.0, 0.0, 3.0); // 10,009 bytes together
    let query = bench.db.query().table_name(TABLE).index_name("tallies").key_condition_expression("tally_of = :of");
    query.expression_attribute_values(":of", s("t")).send().await.unwrap();
    bench.costs(0.0, 0.0, 0.0, 0.5);
    let keys = ["a       ", "b       "].map(|sk| Item::from([("pk".into(), s("acc_0001")), ("sk".into(), s(sk))]));
    let keys = KeysAndAttributes::builder().set_keys(Some(keys.into())).consistent_read(true).build().unwrap();
    bench.db.batch_get_item().request_items(TABLE, keys).send().await.unwrap();
    bench.costs(0.0, 0.0, 0.0, 2.0 + 2.0);
    let asked = bench.cloud.requests();
    assert_eq!(asked.peak_read_units_per_second().unwrap().key, "acc_0001");
}

#[tokio::test]
async fn a_peak_is_the_units_of_one_key_within_one_second() {
    let bench = Bench::new().await;
    for i in 0..30 {
        bench.put(item("a", 1_000)).await;
        bench.clock.advance(Duration::from_millis(if i < 20 { 100 } else { 2_000 }));
    }
    let asked = bench.cloud.requests();
    let peak = asked.peak_write_units_per_second().unwrap();
    assert_eq!((peak.units.get(), peak.at), (10.0, "2026-01-01T00:00:00Z".parse().unwrap()));
    bench.cloud.forget_peaks();
    assert_eq!(bench.cloud.requests().peak_write_units_per_second(), None);
}

#[tokio::test]
async fn a_response_has_only_what_the_caller_asked_for() {
    let bench = Bench::new().await;
    bench.put(with(item("a", 100), &[("tally_of", s("t"))])).await;
    let delete = bench.db.delete_item().table_name(TABLE).key("pk", s("acc_0001")).key("sk", s("a       "));
    let deleted = delete.clone().return_values(ReturnValue::AllOld);
    let deleted = deleted.return_consumed_capacity(aws_sdk_dynamodb::types::ReturnConsumedCapacity::Total);
    let deleted = deleted.send().await.unwrap();
    assert_eq!(deleted.attributes.unwrap()["tally_of"], s("t"));
    assert_eq!(deleted.consumed_capacity.unwrap().capacity_units, Some(2.0));
    bench.put(with(item("a", 100), &[("tally_of", s("t"))])).await;
    let quiet = delete.send().await.unwrap();
    assert_eq!((quiet.attributes, quiet.consumed_capacity), (None, None));
}
