//! Harnesses whose carrier is a peer, and whose `send` is killed when the peer says so: in the middle of a call, like a
//! killed Lambda.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use local::machine::{CarrierChoice, HttpCarrier, Listeners};
use local::runner::Handler;
use local::{Machine, Setup, functions};
use serde_json::Value;

use crate::carrier::Carrier;
use crate::peer::{Conduct, Peer};
use crate::{Harness, TUESDAY};

/// Seed of the peer's randomness.
const SEED: u64 = 9;

impl Harness {
    /// A harness on Tuesday at ten whose carrier is a peer with this behaviour, configured like a deployment's carrier.
    pub async fn with_peer(conduct: Conduct) -> Self {
        Self::with_peer_of_rate(conduct, None).await
    }

    /// The same with a configured carrier rate, in messages per second.
    pub async fn with_peer_of_rate(conduct: Conduct, rate_per_second: Option<u32>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listeners = Listeners::bind(0).await.unwrap();
        let mut setup = Setup { ports: listeners.ports(), ..Setup::in_memory(TUESDAY.parse().unwrap()) };
        let url = format!("{}/messages", setup.sandbox_url()); // on the port that the sandbox leaves free
        setup.carrier = CarrierChoice::Http(HttpCarrier { url, deduplicates: conduct.deduplicates, rate_per_second });
        let peer = Peer::new(conduct, setup.clock.clone(), SEED);
        peer.calls_back(&setup.callback_url(), &setup.secrets.callback_secret);
        let runs = Runs::default();
        let machine = machine(setup, &peer, &runs).await;
        let mut harness = Self::open(folder, listeners, machine, Carrier::Peer(peer)).await;
        harness.runs = runs;
        harness
    }
}

/// How often each event function was called.
#[derive(Clone, Default)]
pub(crate) struct Runs(Arc<Mutex<BTreeMap<String, u64>>>);

impl Runs {
    pub fn of(&self, function: &str) -> u64 {
        self.0.lock().unwrap().get(function).copied().unwrap_or_default()
    }

    fn count(&self, function: &str) {
        *self.0.lock().unwrap().entry(function.to_owned()).or_default() += 1;
    }
}

/// Why a function has no response.
#[derive(Debug, thiserror::Error)]
enum NoAnswer {
    #[error("the function was killed")]
    Killed,
    #[error("the function failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A machine that counts the runs of its functions, and whose `send` is killed by the peer.
async fn machine(setup: Setup, peer: &Peer, runs: &Runs) -> Machine {
    let clock = setup.clock.clone();
    let opened = Machine::open_with(setup, |name, environment, cloud| {
        let handler = functions::open(name, environment, cloud, &clock)?;
        let Handler::Events(handler) = handler else { return Ok(handler) };
        let (peer, runs, name) = (peer.clone(), runs.clone(), name.to_owned());
        Ok(Handler::fallible(move |event: Value| {
            runs.count(&name);
            let (answer, peer, is_send) = (handler.enter(event), peer.clone(), name == "send");
            async move {
                tokio::select! {
                    answer = answer => answer.map_err(NoAnswer::Failed),
                    () = peer.killed(), if is_send => Err(NoAnswer::Killed),
                }
            }
        }))
    });
    opened.await.unwrap()
}
