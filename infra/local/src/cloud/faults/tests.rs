//! Injected faults as the SDK sees them.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use support::Clock;

use super::*;
use crate::cloud::tests::{cloud, options};
use crate::cloud::{Data, Options};
use crate::template::{self, Template};

const TABLE: &str = "envol-CampaignsTable";

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn put(db: &Client, sk: &str) -> aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder {
    db.put_item().table_name(TABLE).item("pk", s("a")).item("sk", s(sk)).item("tally_of", s("t"))
}

async fn count(db: &Client) -> usize {
    let query = db.query().table_name(TABLE).key_condition_expression("pk = :pk");
    query.expression_attribute_values(":pk", s("a")).send().await.unwrap().count() as usize
}

#[test]
fn a_share_is_respected_and_a_seed_repeats_its_draws() {
    let draw = |share, seed| {
        let mut chance = Chance::Share { share, seed };
        (0..10_000).map(|_| chance.draw()).collect::<Vec<_>>()
    };
    let hits = draw(0.3, 7).iter().filter(|hit| **hit).count();
    assert!((2_800..3_200).contains(&hits), "{hits}");
    assert_eq!(draw(0.3, 7), draw(0.3, 7));
    assert_ne!(draw(0.3, 7), draw(0.3, 8));
    assert!(draw(0.0, 1).iter().all(|hit| !hit) && draw(1.0, 1).iter().all(|hit| *hit));
}

#[tokio::test]
async fn a_throttled_write_has_no_effect() {
    let (cloud, _) = cloud(Data::Memory).await;
    let db = Client::new(&cloud.sdk_config());
    cloud.throttle(None, Chance::Next(3));
    let error = put(&db, "1").send().await.unwrap_err(); // the SDK tries three times
    assert_eq!(error.code(), Some("ProvisionedThroughputExceededException"));
    assert_eq!(count(&db).await, 0);
    let asked = cloud.requests();
    assert_eq!((asked.of("PutItem"), asked.write_units()), (3, 0.0));
    cloud.throttle(None, Chance::Next(2));
    put(&db, "1").send().await.unwrap();
    assert_eq!(count(&db).await, 1);
}

#[tokio::test]
async fn a_share_of_a_batch_stays_unprocessed_and_the_rest_is_done() {
    let (cloud, _) = cloud(Data::Memory).await;
    let db = Client::new(&cloud.sdk_config());
    let write = |sk: usize| {
        let put = PutRequest::builder().item("pk", s("a")).item("sk", s(&sk.to_string())).build().unwrap();
        WriteRequest::builder().put_request(put).build()
    };
    cloud.throttle(None, Chance::Share { share: 0.4, seed: 1 });
    let answer = db.batch_write_item().request_items(TABLE, (0..25).map(write).collect()).send().await.unwrap();
    let left = answer.unprocessed_items.unwrap()[TABLE].len();
    assert!((1..25).contains(&left), "{left}");
    assert_eq!(count(&db).await, 25 - left);
    cloud.throttle(None, Chance::Share { share: 1.0, seed: 1 });
    let all = db.batch_write_item().request_items(TABLE, (0..25).map(write).collect()).send().await.unwrap_err();
    assert_eq!(all.code(), Some("ProvisionedThroughputExceededException"));
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_has_its_effect() {
    let (cloud, _) = cloud(Data::Memory).await;
    let db = Client::new(&cloud.sdk_config());
    cloud.lose_answers(Service::DynamoDb, Chance::Next(1));
    // The SDK retries, and meets its own earlier write.
    let again = put(&db, "1").condition_expression("attribute_not_exists(pk)").send().await.unwrap_err();
    assert!(again.into_service_error().is_conditional_check_failed_exception());
    cloud.lose_answers(Service::DynamoDb, Chance::Next(3));
    let lost = put(&db, "2").send().await.unwrap_err();
    assert!(matches!(lost, aws_sdk_dynamodb::error::SdkError::DispatchFailure(_)), "{lost:?}");
    assert_eq!(count(&db).await, 2);
}

#[tokio::test]
async fn each_request_takes_at_least_the_delay() {
    let (cloud, _) = cloud(Data::Memory).await;
    let db = Client::new(&cloud.sdk_config());
    cloud.delay(Duration::from_millis(10));
    let begun = std::time::Instant::now();
    for sk in ["1", "2", "3"] {
        put(&db, sk).send().await.unwrap();
    }
    assert!(begun.elapsed() >= Duration::from_millis(30), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_lagging_index_shows_the_past_and_the_table_the_present() {
    let template = Template::read(template::TEXT, &template::tests::context()).unwrap();
    let clock = Clock::manual("2026-01-01T00:00:00Z".parse().unwrap());
    let cloud = LocalCloud::open(Options { clock: clock.clone(), ..options(Data::Memory) }, &template).await.unwrap();
    let db = Client::new(&cloud.sdk_config());
    let tallies = async || {
        let query = db.query().table_name(TABLE).index_name("tallies").key_condition_expression("tally_of = :of");
        let found = query.expression_attribute_values(":of", s("t")).send().await.unwrap();
        found.items().iter().map(|item| item["sk"].as_s().unwrap().clone()).collect::<Vec<_>>()
    };
    put(&db, "1").send().await.unwrap();
    cloud.lag_indexes(Duration::from_secs(2)).unwrap();
    put(&db, "2").send().await.unwrap();
    db.delete_item().table_name(TABLE).key("pk", s("a")).key("sk", s("1")).send().await.unwrap();
    assert_eq!(count(&db).await, 1);
    assert_eq!(tallies().await, ["1"]);
    clock.advance(Duration::from_secs(1));
    put(&db, "3").send().await.unwrap();
    clock.advance(Duration::from_secs(1));
    assert_eq!(tallies().await, ["2"]);
    clock.advance(Duration::from_secs(1));
    assert_eq!(tallies().await, ["2", "3"]);
    put(&db, "4").send().await.unwrap();
    cloud.lag_indexes(Duration::ZERO).unwrap();
    assert_eq!(tallies().await, ["2", "3", "4"]);
}
