//! The request to an endpoint: to allowed addresses only, without redirects, within ten seconds.

use std::error::Error as StdError;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use app::webhooks::{Reach, UrlError, endpoint_url, is_public};
use domain::delivery::{ANSWER_CHARACTERS_MAX, Attempt, DeliveryProblem};
use domain::signature::{ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER};
use jiff::Timestamp;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, USER_AGENT};

/// Time limit of a whole request, including the beginning of the response.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// Time limit of connecting.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes read of a response, and only if it is an error; a character has at most four.
const ANSWER_BYTES_MAX: usize = ANSWER_CHARACTERS_MAX * 4;
const AGENT: &str = concat!("Envol-Webhooks/", env!("CARGO_PKG_VERSION"));

/// A request to send.
pub struct Call<'a> {
    pub url: &'a str,
    /// Id of the event, the same at every attempt.
    pub id: &'a str,
    pub at: Timestamp,
    /// One signature per valid secret, separated by spaces.
    pub signatures: &'a str,
    pub body: &'a str,
}

/// Sends requests to endpoints.
#[derive(Clone)]
pub struct EndpointClient {
    /// Created at the first call: it loads every root certificate of the machine, which takes milliseconds of the
    /// function's start, and most ticks have nothing to send.
    client: Arc<OnceLock<reqwest::Client>>,
    timeout: Duration,
    reach: Reach,
}

impl EndpointClient {
    pub fn new(reach: Reach) -> Self {
        Self::within(CALL_TIMEOUT, reach)
    }

    fn within(timeout: Duration, reach: Reach) -> Self {
        Self { client: Arc::default(), timeout, reach }
    }

    fn client(&self) -> Result<&reqwest::Client, reqwest::Error> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(self.timeout)
            // The address connected to is the one that was checked, at every call.
            .dns_resolver(Resolver(self.reach))
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .http1_only()
            .build()?;
        Ok(self.client.get_or_init(|| client))
    }

    /// One attempt, whatever its result.
    pub async fn call(&self, call: Call<'_>) -> Attempt {
        let begun = Instant::now();
        let answered = self.send(&call).await;
        let took_ms = u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX);
        let attempt = |http_status, problem, answer| Attempt { at: call.at, took_ms, http_status, problem, answer };
        match answered {
            Ok((status, None)) => attempt(Some(status), None, None),
            Ok((status, answer)) => attempt(Some(status), Some(DeliveryProblem::Status), answer),
            Err(problem) => attempt(None, Some(problem), None),
        }
    }

    /// The status and, unless it is 2xx, the beginning of the response.
    async fn send(&self, call: &Call<'_>) -> Result<(u16, Option<String>), DeliveryProblem> {
        // The rule may be stricter since the endpoint was created; and an IP address is not resolved, so it is checked
        // here.
        let url = endpoint_url(call.url, self.reach).map_err(|fault| match fault {
            UrlError::Private => DeliveryProblem::PrivateAddress,
            UrlError::NotAUrl | UrlError::TooLong | UrlError::NotHttps | UrlError::Credentials => {
                DeliveryProblem::NotReached
            }
        })?;
        let request = self
            .client()
            .map_err(|_| DeliveryProblem::NotReached)?
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, AGENT)
            .header(ID_HEADER, call.id)
            .header(TIMESTAMP_HEADER, call.at.as_second())
            .header(SIGNATURE_HEADER, call.signatures)
            .body(call.body.to_owned());
        let mut response = request.send().await.map_err(|error| problem(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok((status.as_u16(), None));
        }
        let mut answer = Vec::new();
        while answer.len() < ANSWER_BYTES_MAX {
            // The endpoint has already rejected the call; the rest does not matter.
            let Ok(Some(chunk)) = response.chunk().await else { break };
            answer.extend_from_slice(&chunk[..chunk.len().min(ANSWER_BYTES_MAX - answer.len())]);
        }
        Ok((status.as_u16(), Some(readable(&answer))))
    }
}

/// The beginning of a response, for people to read.
fn readable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let plain = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    plain.take(ANSWER_CHARACTERS_MAX).collect::<String>().trim().to_owned()
}

fn problem(error: &reqwest::Error) -> DeliveryProblem {
    if let Some(refused) = cause(error) {
        return match refused {
            Refused::NotFound => DeliveryProblem::NameNotFound,
            Refused::Private => DeliveryProblem::PrivateAddress,
        };
    }
    match (error.is_timeout(), error.is_connect()) {
        (true, _) => DeliveryProblem::TimedOut,
        (false, true) => DeliveryProblem::NotReached,
        (false, false) => DeliveryProblem::Broken,
    }
}

/// The resolver's own error, if it stopped the call.
fn cause(error: &reqwest::Error) -> Option<&Refused> {
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref() {
            return Some(refused);
        }
        cause = error.source();
    }
    None
}

/// Resolves names and rejects addresses that may not be called. The returned addresses are the ones connected to, so a
/// later change in DNS has no effect.
struct Resolver(Reach);

#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("the name does not resolve")]
    NotFound,
    #[error("the name resolves to an address that is not public")]
    Private,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move { Ok(resolved(name.as_str(), reach).await?) })
    }
}

async fn resolved(name: &str, reach: Reach) -> Result<Addrs, Refused> {
    let found = tokio::net::lookup_host((name, 0)).await.map_err(|_| Refused::NotFound)?;
    let found: Vec<SocketAddr> = found.collect();
    match reach {
        _ if found.is_empty() => Err(Refused::NotFound),
        // A private address among public ones is an attack or a mistake.
        Reach::Public if !found.iter().all(|address| is_public(address.ip())) => Err(Refused::Private),
        Reach::Public | Reach::Anywhere => Ok(Box::new(found.into_iter())),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn a_name_that_resolves_to_this_machine_is_not_public() {
        assert!(matches!(resolved("localhost", Reach::Public).await, Err(Refused::Private)));
        let found: Vec<_> = resolved("localhost", Reach::Anywhere).await.map(Iterator::collect).unwrap_or_default();
        assert!(found.iter().any(|address| address.ip().is_loopback()), "{found:?}");
    }

    #[tokio::test]
    async fn the_client_uses_our_resolver_and_returns_its_error() {
        // `localhost.` is rejected before it is resolved; this is what another name that resolves to this machine
        // meets.
        let caller = EndpointClient::new(Reach::Public);
        let error = caller.client().unwrap().post("https://localhost:1/").send().await.unwrap_err();
        assert_eq!(problem(&error), DeliveryProblem::PrivateAddress);
    }

    /// Longer than the slowest machine needs for a response on loopback.
    const PATIENT: Duration = Duration::from_secs(60);

    /// The result of a call to a server that does this with each connection.
    async fn called<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Attempt
    where
        F: Future<Output = ()> + Send + 'static,
    {
        called_within(PATIENT, serve).await
    }

    async fn called_within<F>(limit: Duration, serve: impl Fn(TcpStream) -> F + Send + 'static) -> Attempt
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(serve(connection));
            }
        });
        let caller = EndpointClient::within(limit, Reach::Anywhere);
        let call = Call { url: &url, id: "evt_1", at: Timestamp::UNIX_EPOCH, signatures: "v1,a v1,b", body: "{}" };
        let attempt = caller.call(call).await;
        server.abort();
        attempt
    }

    async fn answer(mut connection: TcpStream, answer: &str) {
        let mut request = vec![0; 4_096];
        assert!(connection.read(&mut request).await.unwrap() > 0);
        connection.write_all(answer.as_bytes()).await.unwrap();
    }

    #[tokio::test]
    async fn only_2xx_is_a_delivery_and_redirects_are_not_followed() {
        let delivered = called(|connection| answer(connection, "HTTP/1.1 204 No Content\r\n\r\n")).await;
        assert_eq!((delivered.http_status, delivered.problem), (Some(204), None));
        let moved =
            "HTTP/1.1 308 Permanent Redirect\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 5\r\n\r\nthere";
        let moved = called(move |connection| answer(connection, moved)).await;
        assert_eq!((moved.http_status, moved.problem), (Some(308), Some(DeliveryProblem::Status)));
        assert_eq!(moved.answer.as_deref(), Some("there"));
    }

    #[tokio::test]
    async fn an_answer_without_end_is_read_to_a_limit() {
        let endless = called(|mut connection| async move {
            answer_head(&mut connection).await;
            while connection.write_all(&[b'x'; 1_024]).await.is_ok() {}
        });
        let endless = endless.await;
        assert_eq!((endless.http_status, endless.problem), (Some(500), Some(DeliveryProblem::Status)));
        assert_eq!(endless.answer.map(|answer| answer.len()), Some(ANSWER_CHARACTERS_MAX));
    }

    async fn answer_head(connection: &mut TcpStream) {
        let mut request = vec![0; 4_096];
        assert!(connection.read(&mut request).await.unwrap() > 0);
        connection.write_all(b"HTTP/1.1 500 Oops\r\n\r\n").await.unwrap();
    }

    #[tokio::test]
    async fn a_timeout_a_broken_connection_and_a_closed_port_differ() {
        let silent = called_within(Duration::from_millis(100), |connection| async move {
            let _open = connection;
            std::future::pending::<()>().await;
        });
        assert_eq!(silent.await.problem, Some(DeliveryProblem::TimedOut));
        let broken = called(|mut connection| async move {
            let mut request = vec![0; 4_096];
            assert!(connection.read(&mut request).await.unwrap() > 0);
        });
        assert_eq!(broken.await.problem, Some(DeliveryProblem::Broken));
        let caller = EndpointClient::new(Reach::Anywhere);
        let call = |url| Call { url, id: "evt_1", at: Timestamp::UNIX_EPOCH, signatures: "", body: "{}" };
        assert_eq!(caller.call(call("http://127.0.0.1:1/")).await.problem, Some(DeliveryProblem::NotReached));
    }

    #[tokio::test]
    async fn a_private_address_is_not_called_even_if_it_is_stored() {
        let caller = EndpointClient::new(Reach::Public);
        for url in
            ["https://127.0.0.1:1/", "https://[::ffff:7f00:1]/", "https://169.254.169.254/", "https://localhost/"]
        {
            let call = Call { url, id: "evt_1", at: Timestamp::UNIX_EPOCH, signatures: "", body: "{}" };
            assert_eq!(caller.call(call).await.problem, Some(DeliveryProblem::PrivateAddress), "{url}");
        }
    }

    #[test]
    fn a_response_is_shortened_and_cleaned() {
        assert_eq!(readable(b"  not\x1b[31m found\r\n\xff"), "not [31m found  \u{fffd}");
        assert_eq!(readable("é".repeat(2_000).as_bytes()).chars().count(), ANSWER_CHARACTERS_MAX);
    }
}
