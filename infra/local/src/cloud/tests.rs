//! The cloud as functions and other processes use it.

use std::path::Path;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::presigning::PresigningConfig;
use rustack_sqs_model::input::ReceiveMessageInput;

use super::*;
use crate::sockets::{Limits, Server, Stopper};
use crate::template::{self, Template};

pub(super) const BUCKET: &str = "envol-data-000000000000-eu-west-3";

pub(super) fn options(data: Data) -> Options {
    let credentials = Credentials { access_key: "AKLOCALTEST".into(), secret_key: "secret".into() };
    Options {
        data,
        clock: Clock::System,
        credentials,
        region: "eu-west-3".into(),
        account: "000000000000".into(),
        port: 3002,
    }
}

fn template(port: u16) -> Template {
    let context = template::StackContext { cloud_url: format!("http://{HOST}:{port}"), ..template::tests::context() };
    Template::read(template::TEXT, &context).unwrap()
}

pub(super) async fn cloud(data: Data) -> (LocalCloud, Template) {
    let template = template(3002);
    (LocalCloud::open(options(data), &template).await.unwrap(), template)
}

fn folder(path: &Path) -> Data {
    Data::Folder(path.to_owned())
}

async fn bodies(cloud: &LocalCloud, url: &str) -> Vec<String> {
    let input = ReceiveMessageInput {
        queue_url: url.to_owned(),
        max_number_of_messages: Some(10),
        ..ReceiveMessageInput::default()
    };
    let messages = cloud.queues().receive(input).await.unwrap().messages;
    messages.into_iter().filter_map(|message| message.body).collect()
}

#[tokio::test]
async fn a_function_is_limited_by_its_role_and_an_operator_is_not() {
    let (cloud, _) = cloud(Data::Memory).await;
    let get = async |sdk: &aws::sdk::SdkConfig, table: &str| {
        let key = AttributeValue::S("x".to_owned());
        let get = aws_sdk_dynamodb::Client::new(sdk).get_item().table_name(table).key("pk", key.clone()).key("sk", key);
        get.send().await.map_err(|error| error.into_service_error().meta().message().unwrap_or_default().to_owned())
    };
    get(&cloud.sdk_config(), "envol-CampaignsTable").await.unwrap();
    get(&cloud.sdk_config_of("send"), "envol-CampaignsTable").await.unwrap();
    let refused = get(&cloud.sdk_config_of("import"), "envol-CampaignsTable").await.unwrap_err();
    assert!(refused.contains("the role of import does not allow dynamodb:GetItem on arn:aws:dynamodb:"), "{refused}");

    let put = async |function: &str, key: &str| {
        let files = aws_sdk_s3::Client::new(&cloud.sdk_config_of(function));
        let put = files.put_object().bucket(BUCKET).key(key).body(b"x".to_vec().into()).send();
        put.await.map_err(|error| error.into_service_error().meta().code().unwrap_or_default().to_owned())
    };
    put("import", "lists/a/l/1/contacts.csv").await.unwrap();
    assert_eq!(put("import", "uploads/a/l/1").await.unwrap_err(), "AccessDenied");
    assert_eq!(put("redirect", "media/a/i").await.unwrap_err(), "AccessDenied");

    let queues = aws_sdk_sqs::Client::new(&cloud.sdk_config_of("receipts"));
    let send = async |queue: &str| {
        let url = format!("{}/000000000000/{queue}", cloud.url());
        let sent = queues.send_message().queue_url(url).message_body("x").send().await;
        sent.map_err(|error| error.into_service_error().meta().code().unwrap_or_default().to_owned())
    };
    send("envol-EventsQueue").await.unwrap();
    assert_eq!(send("envol-BatchesQueue").await.unwrap_err(), "AccessDenied");
}

#[tokio::test]
async fn the_sdk_reaches_tables_without_a_socket_and_each_request_is_counted() {
    let (cloud, _) = cloud(Data::Memory).await;
    let tables = aws_sdk_dynamodb::Client::new(&cloud.sdk_config());
    let before = cloud.requests();
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let put = tables.put_item().table_name("envol-ListsTable").item("pk", text("acc_1")).item("sk", text("lst_1"));
    put.clone().send().await.unwrap();
    let again = put.condition_expression("attribute_not_exists(pk)").send().await.unwrap_err();
    assert!(again.into_service_error().is_conditional_check_failed_exception());
    let asked = cloud.requests().since(&before);
    assert_eq!((asked.of("PutItem"), asked.total()), (2, 2), "{asked}");
}

#[tokio::test]
async fn an_upload_to_a_presigned_url_calls_import() {
    let (cloud, template) = cloud(Data::Memory).await;
    let files = aws::sdk::s3(&cloud.sdk_config());
    let calls = &template.functions["import"].calls.url;
    for key in ["uploads/acc_1/lst_1/1 é", "lists/acc_1/lst_1/contacts.csv"] {
        let body = aws_sdk_s3::primitives::ByteStream::from_static(b"06 12 34 56 78\n");
        files.put_object().bucket(BUCKET).key(key).body(body).send().await.unwrap();
    }
    let calls_received = bodies(&cloud, calls).await;
    assert_eq!(calls_received.len(), 1, "no function listens for lists/: {calls_received:?}");
    let event: aws_lambda_events::s3::S3Event = serde_json::from_str(&calls_received[0]).unwrap();
    let entity = &event.records[0].s3;
    assert_eq!(entity.bucket.name.as_deref(), Some(BUCKET));
    assert_eq!(entity.object.key.as_deref(), Some("uploads/acc_1/lst_1/1+%C3%A9"));
    assert_eq!(entity.object.size, Some(15));
    assert_eq!(event.records[0].event_name.as_deref(), Some("ObjectCreated:Put"));
}

#[tokio::test]
async fn a_multipart_upload_calls_import_once_when_complete() {
    use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
    let (cloud, template) = cloud(Data::Memory).await;
    let files = aws::sdk::s3(&cloud.sdk_config());
    let (calls, key) = (&template.functions["import"].calls.url, "uploads/acc_1/lst_1/2");
    let upload = files.create_multipart_upload().bucket(BUCKET).key(key).send().await.unwrap();
    let id = upload.upload_id.unwrap();
    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"x");
    let part = files.upload_part().bucket(BUCKET).key(key).upload_id(&id).part_number(1).body(body);
    let part = part.send().await.unwrap();
    assert!(bodies(&cloud, calls).await.is_empty());
    let part = CompletedPart::builder().part_number(1).set_e_tag(part.e_tag).build();
    let parts = CompletedMultipartUpload::builder().parts(part).build();
    let complete = files.complete_multipart_upload().bucket(BUCKET).key(key).upload_id(&id).multipart_upload(parts);
    complete.send().await.unwrap();
    let calls_received = bodies(&cloud, calls).await;
    assert!(
        calls_received.len() == 1 && calls_received[0].contains("ObjectCreated:CompleteMultipartUpload"),
        "{calls_received:?}"
    );
}

#[tokio::test]
async fn tables_files_and_queues_survive_the_process() {
    let home = tempfile::tempdir().unwrap();
    let (first, template) = cloud(folder(home.path())).await;
    let config = first.sdk_config();
    let (tables, queues) = (aws_sdk_dynamodb::Client::new(&config), aws_sdk_sqs::Client::new(&config));
    let files = aws::sdk::s3(&config);
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let put = tables.put_item().table_name("envol-ListsTable").item("pk", text("a")).item("sk", text("l"));
    put.send().await.unwrap();
    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"rows");
    files.put_object().bucket(BUCKET).key("lists/a/l").body(body).send().await.unwrap();
    let events = &template.functions["receipts"].environment["EVENTS_QUEUE_URL"];
    for body in ["kept", "deleted", "late"] {
        let send = queues.send_message().queue_url(events).message_body(body).message_group_id("acc_1");
        let delay_s = if body == "late" { 900 } else { 0 };
        send.delay_seconds(delay_s).send().await.unwrap();
    }
    let received = queues.receive_message().queue_url(events).max_number_of_messages(10).send().await.unwrap();
    let deleted = received.messages().iter().find(|message| message.body() == Some("deleted")).unwrap();
    queues.delete_message().queue_url(events).set_receipt_handle(deleted.receipt_handle.clone()).send().await.unwrap();
    drop((first, tables, files, queues, config)); // like `kill -9`: nothing is closed explicitly

    let (second, _) = cloud(folder(home.path())).await;
    let config = second.sdk_config();
    let get = aws_sdk_dynamodb::Client::new(&config).get_item().table_name("envol-ListsTable");
    assert!(get.key("pk", text("a")).key("sk", text("l")).send().await.unwrap().item.is_some());
    let got = aws::sdk::s3(&config).get_object().bucket(BUCKET).key("lists/a/l").send().await.unwrap();
    assert_eq!(got.body.collect().await.unwrap().to_vec(), b"rows");
    assert_eq!(bodies(&second, events).await, ["kept"]);
    let depth = second.queues().depth(events).await.unwrap();
    assert_eq!(depth, Depth { visible: 0, in_flight: 1, delayed: 1 });
}

#[tokio::test]
async fn items_expire_by_the_clock() {
    let template = template(3002);
    let clock = Clock::manual("2026-01-01T00:00:00Z".parse().unwrap());
    let options = Options { clock: clock.clone(), ..options(Data::Memory) };
    let cloud = LocalCloud::open(options, &template).await.unwrap();
    let tables = aws_sdk_dynamodb::Client::new(&cloud.sdk_config());
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let until = clock.now().as_second() + 60;
    let put =
        tables.put_item().table_name("envol-AccountsTable").item("pk", text("a")).item("sk", text("idempotency#1"));
    put.item("expires_at", AttributeValue::N(until.to_string())).send().await.unwrap();
    assert_eq!(cloud.expire().unwrap(), 0);
    clock.advance(Duration::from_secs(61));
    assert_eq!(cloud.expire().unwrap(), 1);
}

/// The endpoint on a socket.
pub(super) async fn endpoint() -> (LocalCloud, Template, Stopper) {
    let listener = tokio::net::TcpListener::bind((HOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let template = template(port);
    let cloud = LocalCloud::open(Options { port, ..options(Data::Memory) }, &template).await.unwrap();
    let (stopper, stop) = Stopper::new();
    let server = Server::new(Endpoint(cloud.clone()));
    tokio::spawn(server.run(listener, stop));
    (cloud, template, stopper)
}

#[tokio::test]
async fn a_browser_may_upload_from_the_consoles_origin_only() {
    let (cloud, template, _stopper) = endpoint().await;
    let files = aws::sdk::s3(&cloud.sdk_config());
    let presigning = PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
    let put = files.put_object().bucket(BUCKET).key("uploads/acc_1/lst_1/1").content_type("text/csv");
    let address = put.presigned(presigning).await.unwrap().uri().to_owned();
    let browser = reqwest::Client::new();
    let preflight = |origin: &'static str| {
        let ask = browser.request(Method::OPTIONS, &address).header("origin", origin);
        ask.header("access-control-request-method", "PUT")
            .header("access-control-request-headers", "content-type")
            .send()
    };
    assert_eq!(preflight("http://elsewhere.example").await.unwrap().status(), 403);
    let allowed = preflight("http://localhost:3000").await.unwrap();
    assert_eq!(allowed.headers()["access-control-allow-headers"], "content-type");

    let upload = |address: &str| browser.put(address).header("content-type", "text/csv").body("phone\n0612345678\n");
    let done = upload(&address).header("origin", "http://localhost:3000").send().await.unwrap();
    assert_eq!(done.status(), 200);
    assert_eq!(done.headers()["access-control-allow-origin"], "http://localhost:3000");
    assert_eq!(bodies(&cloud, &template.functions["import"].calls.url).await.len(), 1);
    let tampered = address.replace("lst_1", "lst_2");
    assert_eq!(upload(&tampered).send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn tables_and_queues_need_the_access_key() {
    let (cloud, _template, _stopper) = endpoint().await;
    let ask = |key: &'static str| {
        let ask = reqwest::Client::new().post(cloud.url()).header("x-amz-target", "DynamoDB_20120810.ListTables");
        let ask =
            ask.header("authorization", format!("AWS4-HMAC-SHA256 Credential={key}/20260101/eu-west-3/dynamodb/x"));
        ask.body("{}").send()
    };
    assert_eq!(ask("AKSOMEBODY").await.unwrap().status(), 403);
    assert_eq!(ask("AKLOCALTEST").await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_missing_header_ends_its_connection() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind((HOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (cloud, _) = cloud(Data::Memory).await;
    let limits = Limits { header: Duration::from_millis(50), ..Limits::default() };
    let (_stopper, stop) = Stopper::new();
    tokio::spawn(Server::new(Endpoint(cloud)).with(limits).run(listener, stop));
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    socket.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n").await.unwrap();
    let mut rest = Vec::new();
    tokio::time::timeout(Duration::from_secs(60), socket.read_to_end(&mut rest)).await.unwrap().unwrap();
}
