//! Worlds whose carrier is a peer, and whose `send` dies when the peer says so: in the middle of a call, like a Lambda
//! that is killed.

use local::machine::{CarrierChoice, HttpCarrier, Listeners};
use local::runner::Door;
use local::{Machine, Setup, functions};
use serde_json::Value;

use crate::carrier::Carrier;
use crate::peer::{Conduct, Peer};
use crate::{TUESDAY, World};

/// Of what is random about the peer.
const SEED: u64 = 9;

impl World {
    /// A world on Tuesday at ten whose carrier is a peer of this conduct, configured as a deployment's carrier is.
    pub async fn with_peer(conduct: Conduct) -> Self {
        Self::with_peer_of_rate(conduct, None).await
    }

    /// The same, where the carrier's rate is configured, in messages a second.
    pub async fn with_peer_of_rate(conduct: Conduct, rate_per_second: Option<u32>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listeners = Listeners::bind(0).await.unwrap();
        let mut setup = Setup { ports: listeners.ports(), ..Setup::in_memory(TUESDAY.parse().unwrap()) };
        let url = format!("{}/messages", setup.sandbox_url()); // on the port that the sandbox leaves free
        setup.carrier = CarrierChoice::Http(HttpCarrier { url, deduplicates: conduct.deduplicates, rate_per_second });
        let peer = Peer::new(conduct, setup.clock.clone(), SEED);
        peer.calls_back(&setup.callback_url(), &setup.secrets.callback_secret);
        let machine = machine(setup, &peer).await;
        Self::open(folder, listeners, machine, Carrier::Peer(peer)).await
    }
}

/// Why a function has no answer.
#[derive(Debug, thiserror::Error)]
enum NoAnswer {
    #[error("the function was killed")]
    Killed,
    #[error("the function failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A machine whose `send` dies when the peer kills it.
async fn machine(setup: Setup, peer: &Peer) -> Machine {
    let clock = setup.clock.clone();
    let opened = Machine::open_with(setup, |name, environment, cloud| {
        let door = functions::open(name, environment, cloud, &clock)?;
        Ok(match door {
            Door::Events(door) if name == "send" => {
                let peer = peer.clone();
                Door::fallible(move |event: Value| {
                    let (answer, peer) = (door.enter(event), peer.clone());
                    async move {
                        tokio::select! {
                            answer = answer => answer.map_err(NoAnswer::Failed),
                            () = peer.killed() => Err(NoAnswer::Killed),
                        }
                    }
                })
            }
            other => other,
        })
    });
    opened.await.unwrap()
}
