//! A machine whose functions die when the carrier says so: in the middle of a call, like a Lambda that is killed.

use local::runner::Door;
use local::{Machine, Setup, functions};
use serde_json::Value;

use crate::peer::Peer;

/// Why a function has no answer.
#[derive(Debug, thiserror::Error)]
enum NoAnswer {
    #[error("the function was killed")]
    Killed,
    #[error("the function failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Opens a machine whose `send` dies when the peer kills it.
pub async fn open(setup: Setup, peer: &Peer) -> Machine {
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
