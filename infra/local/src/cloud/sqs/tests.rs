//! The queues with a test clock.

use std::time::Duration;

use rustack_sqs_model::input::StartMessageMoveTaskInput;

use super::*;
use crate::template::Redrive;

const URL: &str = "http://127.0.0.1:3002/000000000000/batches";
const DEAD: &str = "http://127.0.0.1:3002/000000000000/dead";

fn queue(name: &str, redrive: Option<Redrive>) -> Queue {
    Queue {
        name: name.to_owned(),
        arn: format!("arn:aws:sqs:eu-west-3:000000000000:{name}"),
        url: URL.replace("batches", name),
        visibility_timeout_s: 60,
        delay_s: 0,
        retention_s: 3600,
        redrive,
    }
}

async fn queues() -> (Queues, Clock) {
    let clock = Clock::manual("2026-01-01T00:00:00Z".parse().unwrap());
    (open(None, &clock).await, clock)
}

async fn open(journal: Option<&Path>, clock: &Clock) -> Queues {
    let queues = Queues::open("eu-west-3", "000000000000", ("127.0.0.1", 3002), journal, clock.clone()).unwrap();
    let dead_letter_target_arn = queue("dead", None).arn;
    queues.create(&queue("batches", Some(Redrive { dead_letter_target_arn, max_receive_count: 2 }))).await.unwrap();
    queues.create(&queue("dead", None)).await.unwrap();
    queues.replay().await.unwrap();
    queues
}

async fn send(queues: &Queues, body: &str, delay_s: i32) {
    let input = SendMessageInput {
        queue_url: URL.to_owned(),
        message_body: body.to_owned(),
        delay_seconds: Some(delay_s),
        message_group_id: Some("acc_1".to_owned()),
        ..SendMessageInput::default()
    };
    queues.send(input).await.unwrap();
}

async fn receive(queues: &Queues, url: &str) -> Vec<Message> {
    queues.bring_back_due().await.unwrap();
    let input = ReceiveMessageInput {
        queue_url: url.to_owned(),
        max_number_of_messages: Some(10),
        ..ReceiveMessageInput::default()
    };
    queues.receive(input).await.unwrap().messages
}

#[tokio::test]
async fn delays_and_visibility_follow_the_clock() {
    let (queues, clock) = queues().await;
    send(&queues, "late", 30).await;
    assert!(receive(&queues, URL).await.is_empty());
    assert_eq!(queues.depth(URL).await.unwrap(), Depth { delayed: 1, ..Depth::default() });
    clock.advance(Duration::from_secs(30));
    assert_eq!(receive(&queues, URL).await.len(), 1);
    assert!(receive(&queues, URL).await.is_empty(), "it is in flight");
    clock.advance(Duration::from_secs(60));
    assert_eq!(receive(&queues, URL).await.len(), 1, "its visibility time-out has passed");
}

#[tokio::test]
async fn a_message_that_was_received_too_often_goes_to_the_dead_letter_queue() {
    let (queues, clock) = queues().await;
    send(&queues, "poison", 0).await;
    for _ in 0..2 {
        assert_eq!(receive(&queues, URL).await.len(), 1);
        clock.advance(Duration::from_secs(60));
    }
    assert!(receive(&queues, URL).await.is_empty());
    assert_eq!(receive(&queues, DEAD).await[0].body.as_deref(), Some("poison"));
}

#[tokio::test]
async fn a_message_keeps_its_group() {
    let (queues, _) = queues().await;
    send(&queues, "one", 0).await;
    let message = &receive(&queues, URL).await[0];
    assert_eq!(message.attributes["MessageGroupId"], "acc_1");
    assert!(message.message_attributes.is_empty());
}

#[tokio::test]
async fn a_message_can_be_made_invisible_for_a_while() {
    let (queues, clock) = queues().await;
    send(&queues, "throttled", 0).await;
    let receipt_handle = receive(&queues, URL).await[0].receipt_handle.clone().unwrap();
    let input = ChangeMessageVisibilityInput { queue_url: URL.to_owned(), receipt_handle, visibility_timeout: 5 };
    queues.change_visibility(input).await.unwrap();
    assert!(receive(&queues, URL).await.is_empty());
    clock.advance(Duration::from_secs(5));
    assert_eq!(receive(&queues, URL).await.len(), 1);
}

#[tokio::test]
async fn a_delayed_message_survives_the_process_and_is_delivered_once() {
    let folder = tempfile::tempdir().unwrap();
    let (path, (_, clock)) = (folder.path().join("queues"), queues().await);
    send(&open(Some(&path), &clock).await, "late", 30).await;
    for _ in 0..2 {
        let queues = open(Some(&path), &clock).await;
        assert_eq!(queues.depth(URL).await.unwrap(), Depth { delayed: 1, ..Depth::default() });
    }
    clock.advance(Duration::from_secs(30));
    let messages = receive(&open(Some(&path), &clock).await, URL).await;
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].attributes["MessageGroupId"], "acc_1");
    let again = open(Some(&path), &clock).await;
    assert_eq!(receive(&again, URL).await.len(), 1, "received, and not deleted");
}

#[tokio::test]
async fn dead_letters_return_to_their_queue_with_their_group() {
    let (queues, clock) = queues().await;
    send(&queues, "a", 0).await;
    for _ in 0..2 {
        assert_eq!(receive(&queues, URL).await.len(), 1);
        clock.advance(Duration::from_secs(61));
    }
    assert!(receive(&queues, URL).await.is_empty());
    assert_eq!(queues.depth(DEAD).await.unwrap().visible, 1);
    let arn = |name| queue(name, None).arn;
    let task = |source| StartMessageMoveTaskInput { source_arn: arn(source), ..Default::default() };
    queues.start_move(task("dead")).await.unwrap();
    assert!(queues.depth(DEAD).await.unwrap().is_empty());
    let back = receive(&queues, URL).await;
    assert_eq!((back[0].body.as_deref(), back[0].attributes["MessageGroupId"].as_str()), (Some("a"), "acc_1"));
    assert!(queues.start_move(task("batches")).await.is_err(), "a queue without dead letters");
}
