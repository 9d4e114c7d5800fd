//! Reading objects over the protocol.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;

use crate::cloud::tests::{BUCKET, cloud, endpoint};
use crate::cloud::{Data, LocalCloud};

const KEY: &str = "campaigns/acc_1/cmp_1/audience.csv";

/// A byte of an object, by its offset.
fn byte(at: usize) -> u8 {
    (at % 251) as u8
}

async fn put(files: &Client, length: usize) -> String {
    let body: Vec<u8> = (0..length).map(byte).collect();
    let put = files.put_object().bucket(BUCKET).key(KEY).body(ByteStream::from(body)).send().await.unwrap();
    put.e_tag.unwrap()
}

async fn get(files: &Client, range: &str) -> (Option<String>, Vec<u8>) {
    let got = files.get_object().bucket(BUCKET).key(KEY).range(range).send().await.unwrap();
    (got.content_range, got.body.collect().await.unwrap().to_vec())
}

fn clients(cloud: &LocalCloud) -> Client {
    aws::sdk::s3(&cloud.sdk_config())
}

#[tokio::test]
async fn a_range_reads_as_many_bytes_from_a_large_file_as_from_a_small_one() {
    let (cloud, _) = cloud(Data::Memory).await;
    let files = clients(&cloud);
    for length in [3_000, 8_000_000] {
        put(&files, length).await;
        let before = cloud.requests().read_file_bytes();
        let (range, body) = get(&files, "bytes=1000-1999").await;
        assert_eq!(range.unwrap(), format!("bytes 1000-1999/{length}"));
        assert_eq!(body, (1000..2000).map(byte).collect::<Vec<u8>>());
        assert_eq!(cloud.requests().read_file_bytes() - before, 1000, "of {length}");
    }
}

#[tokio::test]
async fn ranges_of_every_form_and_whole_objects_are_read_to_the_byte() {
    let (cloud, _) = cloud(Data::Memory).await;
    let files = clients(&cloud);
    let length = 3_500_000;
    put(&files, length).await;
    for (range, expected) in [
        ("bytes=0-0", 0..1),
        ("bytes=-7", length - 7..length),
        ("bytes=3499990-", length - 10..length),
        ("bytes=3499990-9999999", length - 10..length),
        ("bytes=1048575-3145729", 1_048_575..3_145_730),
    ] {
        assert!(get(&files, range).await.1.into_iter().eq(expected.map(byte)), "{range}");
    }
    let whole = files.get_object().bucket(BUCKET).key(KEY).send().await.unwrap();
    assert_eq!((whole.content_length, whole.content_range), (Some(length as i64), None));
    assert!(whole.body.collect().await.unwrap().to_vec().into_iter().eq((0..length).map(byte)));
    put(&files, 0).await;
    let empty = files.get_object().bucket(BUCKET).key(KEY).send().await.unwrap();
    assert!(empty.body.collect().await.unwrap().to_vec().is_empty());
    let beyond = files.get_object().bucket(BUCKET).key(KEY).range("bytes=5-9").send().await.unwrap_err();
    assert_eq!(beyond.into_service_error().code(), Some("InvalidRange"));
}

#[tokio::test]
async fn an_object_that_was_overwritten_is_not_read_under_its_old_tag() {
    let (cloud, _) = cloud(Data::Memory).await;
    let files = clients(&cloud);
    let old = put(&files, 10).await;
    let read = |tag: String| files.get_object().bucket(BUCKET).key(KEY).range("bytes=0-3").if_match(tag).send();
    assert_eq!(read(old.clone()).await.unwrap().body.collect().await.unwrap().to_vec(), [0, 1, 2, 3]);
    let new = put(&files, 11).await;
    let refused = read(old).await.unwrap_err();
    assert_eq!(refused.raw_response().unwrap().status().as_u16(), 412);
    read(new).await.unwrap();
}

#[tokio::test]
async fn a_presigned_url_gives_ranges_and_whole_objects_and_fails_once_changed() {
    let (cloud, _, _stopper) = endpoint().await;
    let files = clients(&cloud);
    put(&files, 2_500_000).await;
    let presigning = PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
    let get = files.get_object().bucket(BUCKET).key(KEY).response_content_disposition("attachment");
    let address = get.presigned(presigning).await.unwrap().uri().to_owned();
    let browser = reqwest::Client::new();
    let part = browser.get(&address).header("range", "bytes=2000000-2000003").send().await.unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(part.headers()["content-range"], "bytes 2000000-2000003/2500000");
    assert_eq!(part.bytes().await.unwrap()[..], (2_000_000..2_000_004).map(byte).collect::<Vec<u8>>());
    let whole = browser.get(&address).send().await.unwrap();
    assert_eq!((whole.status().as_u16(), &whole.headers()["content-disposition"] == "attachment"), (200, true));
    assert_eq!(whole.bytes().await.unwrap().len(), 2_500_000);
    let before = cloud.requests().read_file_bytes();
    assert_eq!(browser.get(address.replace("cmp_1", "cmp_2")).send().await.unwrap().status(), 403);
    assert_eq!(cloud.requests().read_file_bytes(), before);
}
