//! Runs a machine: its servers, pollers and schedules, until it is stopped.

use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::{Machine, Ports};
use crate::cloud::{Endpoint, HOST};
use crate::sockets::{Server, Stop};

/// How often expired items are deleted. DynamoDB takes days; here each run reads every item of every table.
pub(super) const EXPIRY_PERIOD: Duration = Duration::from_secs(3_600);
/// Time after a stop to finish running work; the rest is aborted, and continued at the next start.
const FINISH: Duration = Duration::from_secs(5);

/// The four ports, bound.
#[derive(Debug)]
pub struct Listeners {
    pub sockets: ServerSockets,
    /// The sandbox has its own server.
    pub sandbox: TcpListener,
}

/// The listeners of a machine's servers.
#[derive(Debug)]
pub struct ServerSockets {
    pub api: TcpListener,
    pub short: TcpListener,
    pub cloud: TcpListener,
}

/// A port that cannot be bound.
#[derive(Debug, thiserror::Error)]
#[error("port {port} cannot be used; choose others with --port (four are needed in a row, from that number on)")]
pub struct PortTaken {
    pub port: u32,
    #[source]
    source: std::io::Error,
}

impl Listeners {
    /// Binds four ports in a row from `first` on; with 0, four free ones.
    pub async fn bind(first: u16) -> Result<Self, PortTaken> {
        let bind = |offset: u16| async move {
            let port = if first == 0 { 0 } else { u32::from(first) + u32::from(offset) };
            let taken = |source| PortTaken { port, source };
            let number = u16::try_from(port).map_err(|_| taken(std::io::ErrorKind::InvalidInput.into()))?;
            TcpListener::bind((HOST, number)).await.map_err(taken)
        };
        let sockets = ServerSockets { api: bind(0).await?, short: bind(1).await?, cloud: bind(2).await? };
        Ok(Self { sockets, sandbox: bind(3).await? })
    }

    /// Their numbers.
    pub fn ports(&self) -> Ports {
        let port = |listener: &TcpListener| listener.local_addr().map_or(0, |address| address.port());
        let ServerSockets { api, short, cloud } = &self.sockets;
        Ports { api: port(api), short: port(short), cloud: port(cloud), sandbox: port(&self.sandbox) }
    }
}

impl Machine {
    /// Serves its ports, polls and ticks until it is stopped; then finishes running work, within seconds.
    pub async fn serve(&self, sockets: ServerSockets, mut stop: Stop) {
        let mut tasks = JoinSet::new();
        tasks.spawn(self.clone().answer(sockets, stop.clone()));
        for poller in &self.0.pollers {
            tasks.spawn(poller.clone().run(stop.clone()));
        }
        for ticker in &self.0.tickers {
            tasks.spawn(ticker.clone().run(stop.clone()));
        }
        tasks.spawn(self.clone().expire(stop.clone()));
        stop.requested().await;
        let all_done = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(FINISH, all_done).await.is_err() {
            tracing::warn!("work was interrupted; the next start continues it");
            tasks.shutdown().await;
        }
    }

    /// Serves its ports until it is stopped, and does nothing else.
    pub async fn answer(self, sockets: ServerSockets, stop: Stop) {
        let mut servers = JoinSet::new();
        servers.spawn(Server::new(self.0.gateway.clone()).run(sockets.api, stop.clone()));
        servers.spawn(Server::new(self.0.short_gateway.clone()).run(sockets.short, stop.clone()));
        servers.spawn(Server::new(Endpoint(self.0.cloud.clone())).run(sockets.cloud, stop));
        while servers.join_next().await.is_some() {}
    }

    async fn expire(self, mut stop: Stop) {
        let mut ticks = tokio::time::interval(EXPIRY_PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                () = stop.requested() => return,
                _ = ticks.tick() => {}
            }
            let cloud = self.0.cloud.clone();
            // On its own thread: it reads the tables page by page, which may take long.
            match tokio::task::spawn_blocking(move || cloud.expire()).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::error!(%error, "expired items were not deleted"),
                Err(error) => tracing::error!(%error, "expired items were not deleted"),
            }
        }
    }
}
