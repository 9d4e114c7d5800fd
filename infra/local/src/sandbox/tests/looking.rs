use serde_json::json;

use super::{Harness, message_to, messages};

#[tokio::test]
async fn everything_submitted_is_listed_in_order_page_by_page() {
    let harness = Harness::new().await;
    harness.carrier.submit(&messages(0..25)).await;
    let first = harness.items("limit=1").await;
    let expected = json!({
        "id": "01hqxz0000000000000a.01hqxz0000000000000b.0", "from": "ENVOL", "to": "+33612345600",
        "text": "Bonjour <b>0</b> https://e.nv/Ab12Cd34 STOP au 36180", "encoding": "gsm7", "segments": 1,
        "status": "accepted", "at": "2026-03-01T12:00:00Z", "times_submitted": 1,
    });
    assert_eq!(first, [expected]);
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let (_, page) = harness.get(&format!("/messages?limit=10&after={after}")).await;
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| super::index_of(&item["id"])));
        match page["next"].as_str() {
            Some(next) => after = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, (0..25).map(|index| index.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_list_can_be_filtered_by_phone_or_campaign() {
    let harness = Harness::new().await;
    let to = |index| message_to(index, if index % 3 == 0 { "+33612345610" } else { "+33612345611" });
    harness.carrier.submit(&(0..9).map(to).collect::<Vec<_>>()).await;
    for (query, expected) in [
        ("to=%2B33612345610", 3),
        ("to=+33612345610", 3),
        ("to=33612345610", 3),
        ("to=%2B33612345612", 0),
        ("to=nobody", 0),
        ("campaign=cmp_01hqxz0000000000000b", 9),
        ("campaign=cmp_01hqxz0000000000000c", 0),
        ("campaign=01hqxz0000000000000b", 0),
        ("campaign=cmp_01hqxz0000000000000b&to=%2B33612345611&after=3", 4),
        ("to=&campaign=&after=&limit=", 9),
    ] {
        assert_eq!(harness.items(query).await.len(), expected, "{query}");
    }
    let (_, page) = harness.get("/messages?to=%2B33612345610&limit=2").await;
    assert_eq!((page["items"].as_array().unwrap().len(), page["next"].as_str()), (2, Some("3")));
    let (_, page) = harness.get("/messages?to=%2B33612345610&limit=2&after=3").await;
    assert_eq!((page["items"].as_array().unwrap().len(), page["next"].as_str()), (1, None));
}

#[tokio::test]
async fn an_invalid_query_is_refused() {
    let harness = Harness::new().await;
    for query in ["limit=0", "limit=1001", "limit=many", "after=x", "after=-1", "form=+33612345678"] {
        let (status, body) = harness.get(&format!("/messages?{query}")).await;
        assert_eq!((status, &body["status"]), (422, &json!(422)), "{query}");
    }
    assert_eq!(harness.get("/nowhere").await.0, 404);
    assert_eq!(harness.get("/reply").await.0, 405);
}

#[tokio::test]
async fn counts_add_up() {
    let harness = Harness::new().await;
    harness.carrier.submit(&messages(0..10)).await;
    harness.carrier.submit(&messages(0..1)).await;
    harness.advance(10);
    harness.deliver().await;
    let (_, stats) = harness.get("/stats").await;
    for (name, expected) in [
        ("messages", 10),
        ("submissions", 11),
        ("phones", 10),
        ("throttled", 1),
        ("rejected", 1),
        ("accepted", 1),
        ("delivered", 5),
        ("failed", 1),
        ("expired", 1),
        ("segments", 9),
        ("receipts", 8),
        ("receipts_owed", 0),
    ] {
        assert_eq!(stats[name], expected, "{name} in {stats}");
    }
    let before = harness.sandbox.stats();
    assert_eq!(harness.restarted().await.sandbox.stats(), before);
}

#[tokio::test]
async fn the_page_shows_phones_escapes_what_they_got_and_lets_them_answer() {
    let harness = Harness::new().await;
    harness.carrier.submit(&messages(10..50)).await;
    let page = async |path: &str| reqwest::get(format!("{}{path}", harness.url)).await.unwrap();
    let front = page("/").await;
    assert!(front.headers()["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    let front = front.text().await.unwrap();
    assert!(front.contains("+33612345649") && front.contains("/?before=") && !front.contains("+33612345610"));
    let open = page("/?phone=%2B33612345612").await.text().await.unwrap();
    assert!(open.contains("Bonjour &lt;b&gt;12&lt;/b&gt;") && !open.contains("<b>12</b>"));
    assert!(open.contains("href=\"https://e.nv/Ab12Cd34\"") && open.contains("value=\"36180\""));
    for odd in
        ["/?phone=%3Cscript%3E", "/?before=x", "/?phone=%2B33600000000", "/?phone=", "/?older=0&phone=%2B33612345612"]
    {
        let answer = page(odd).await;
        assert_eq!(answer.status(), 200, "{odd}");
        assert!(!answer.text().await.unwrap().contains("<script>"), "{odd}");
    }
    let form = [("from", "+33612345612"), ("to", "36180"), ("text", "Merci <3")];
    let client = reqwest::Client::new();
    let body = form.map(|(name, value)| format!("{name}={}", value.replace('+', "%2B"))).join("&");
    let post = |site: &'static str| {
        let request = client.post(format!("{}/answer", harness.url)).header("sec-fetch-site", site);
        request.header("content-type", "application/x-www-form-urlencoded").body(body.clone()).send()
    };
    assert_eq!(post("cross-site").await.unwrap().status(), 403);
    let answered = post("same-origin").await.unwrap();
    assert_eq!(answered.status(), 200, "after the redirect");
    assert!(answered.text().await.unwrap().contains("Merci &lt;3"));
    assert_eq!(harness.receiver.calls().last().unwrap()["replies"][0]["text"], "Merci <3");
}

#[tokio::test]
async fn a_web_page_cannot_reach_it_by_another_host_name() {
    let harness = Harness::new().await;
    let ask = async |host: &str| {
        let request = reqwest::Client::new().get(format!("{}/stats", harness.url)).header("host", host);
        request.send().await.unwrap().status().as_u16()
    };
    for (host, expected) in [
        ("localhost:1", 200),
        ("127.0.0.1", 200),
        ("[::1]:80", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
    ] {
        assert_eq!(ask(host).await, expected, "{host}");
    }
}
