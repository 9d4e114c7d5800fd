//! The process of `cargo local`: locks the folder, binds the ports, opens machine and sandbox, prints where everything
//! is, waits for a signal, and shuts down.
//!
//! - `options`: the command line; `folder`: one process at a time; `installation`: permanent data;

mod demo;
mod earlier;
mod folder;
mod installation;
mod options;
mod ready;

use std::io::Write;
use std::time::Duration;

use support::Clock;
use tokio::signal;
use tokio::task::JoinHandle;

use crate::cloud::Data;
use crate::machine::{BadSecret, CarrierChoice, Listeners, Machine, MachineError, PortTaken, Setup};
use crate::sandbox::{CannotOpen, Sandbox};
use crate::sockets::{Server, Stopper};
use folder::Folder;
use installation::Installation;
use ready::Ready;

pub use folder::FolderError;
pub use options::{Asked, CommandLine, HELP, Misunderstood};

/// The tables of an installation, and the files of SQLite beside them.
const TABLE_FILES: [&str; 3] = ["tables.sqlite", "tables.sqlite-wal", "tables.sqlite-shm"];
/// Time limit for the first responses after the start; long, because other programs may use the machine too.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// Why it does not start, or stops.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    Port(#[from] PortTaken),
    #[error(transparent)]
    Machine(#[from] MachineError),
    #[error(transparent)]
    Sandbox(#[from] CannotOpen),
    #[error(transparent)]
    Demo(#[from] demo::DemoError),
    #[error(transparent)]
    Secret(#[from] BadSecret),
    #[error("the end of the process cannot be waited for")]
    Signals(#[source] std::io::Error),
    #[error("{url} does not answer")]
    Silent { url: String, source: reqwest::Error },
}

/// Runs until SIGINT or SIGTERM.
pub async fn run(command: &CommandLine, clock: Clock) -> Result<(), StartError> {
    let end = End::listen()?;
    let running = Running::start(command, clock).await?;
    say(&running.ready.welcome(&running.folder));
    end.comes().await;
    say("\n  Envol s’arrête · Envol is stopping\n");
    tokio::spawn(async {
        end_again().await;
        std::process::exit(130);
    });
    running.stop().await
}

/// A running installation.
pub struct Running {
    machine: Machine,
    folder: Folder,
    ready: Ready,
    stopper: Stopper,
    sandbox_stopper: Stopper,
    serving: JoinHandle<()>,
    /// The sandbox's task, if it is the carrier.
    delivering: Option<JoinHandle<()>>,
    answering: Option<JoinHandle<()>>,
}

impl Running {
    /// Locks the folder, binds the ports, and returns when everything responds and `ready.json` is written.
    pub async fn start(command: &CommandLine, clock: Clock) -> Result<Self, StartError> {
        let folder = Folder::take(&command.data)?;
        Ready::remove(&folder)?; // left by a killed process
        let listeners = Listeners::bind(command.port).await?;
        let mut installation = Installation::open(&folder, clock.now())?;
        if !installation.is_complete {
            // An interrupted first start begins again: nothing that it created was reported yet.
            TABLE_FILES.iter().try_for_each(|name| folder.remove(name))?;
        }
        earlier::rename_bucket(folder.path())?;
        let setup = Setup {
            data: Data::Folder(folder.path().to_owned()),
            clock: clock.clone(),
            ports: listeners.ports(),
            secrets: installation.secrets.clone(),
            carrier: command.carrier.clone(),
        };
        let sandbox = match setup.carrier {
            CarrierChoice::Sandbox => Some(Sandbox::open(setup.sandbox(folder.path().join("sandbox"))?)?),
            CarrierChoice::Http(_) => None,
        };
        let machine = Machine::open(setup.clone()).await?;
        if !installation.is_complete {
            demo::ensure(&machine, &installation, clock.now()).await?;
            installation.complete(&folder)?;
        }
        let (stopper, stop) = Stopper::new();
        // The sandbox stops after the machine, so that messages being handed over are still answered.
        let (sandbox_stopper, sandbox_stop) = Stopper::new();
        let router = sandbox.as_ref().map(Sandbox::router);
        let answering = router.map(|router| tokio::spawn(Server::new(router).run(listeners.sandbox, sandbox_stop)));
        let delivering = sandbox.map(|sandbox| tokio::spawn(sandbox.run()));
        let serving = tokio::spawn({
            let machine = machine.clone();
            async move {
                match machine.clock() {
                    Clock::System => machine.serve(listeners.sockets, stop).await,
                    // With a test clock, the test steps the machine too.
                    Clock::Manual(_) => machine.answer(listeners.sockets, stop).await,
                }
            }
        });
        wait_for_answers(&setup).await?;
        let ready = Ready::new(&setup, &machine, &installation);
        ready.write(&folder)?;
        Ok(Self { machine, folder, ready, stopper, sandbox_stopper, serving, delivering, answering })
    }

    /// The machine, for tests that step it.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Shuts down: running work is finished, within seconds.
    pub async fn stop(self) -> Result<(), StartError> {
        Ready::remove(&self.folder)?;
        self.stopper.stop();
        let _ = self.serving.await;
        if let Some(delivering) = self.delivering {
            delivering.abort(); // undelivered receipts stay in its journal
        }
        self.sandbox_stopper.stop();
        if let Some(answering) = self.answering {
            let _ = answering.await;
        }
        Ok(())
    }
}

/// Sends a request to each port and waits for any response.
async fn wait_for_answers(setup: &Setup) -> Result<(), StartError> {
    let client = reqwest::Client::builder().no_proxy().timeout(ANSWER_TIMEOUT).build();
    let sandbox_url = (setup.carrier == CarrierChoice::Sandbox).then(|| setup.sandbox_url());
    for url in [setup.api_url(), setup.short_url(), setup.cloud_url()].into_iter().chain(sandbox_url) {
        let asked = async { client.as_ref().ok()?.get(format!("{url}/health")).send().await.err() };
        if let Some(source) = asked.await {
            return Err(StartError::Silent { url, source });
        }
    }
    Ok(())
}

/// Prints to the terminal; errors are ignored, as it may be closed.
fn say(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
    let _ = std::io::stdout().flush();
}

/// The signal that ends the process. It is listened for before anything is created.
struct End {
    #[cfg(unix)]
    terminate: signal::unix::Signal,
}

impl End {
    fn listen() -> Result<Self, StartError> {
        Ok(Self {
            #[cfg(unix)]
            terminate: signal::unix::signal(signal::unix::SignalKind::terminate()).map_err(StartError::Signals)?,
        })
    }

    async fn comes(mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = signal::ctrl_c() => {}
            _ = self.terminate.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = signal::ctrl_c().await;
    }
}

/// A second Ctrl-C ends the process at once.
async fn end_again() {
    let _ = signal::ctrl_c().await;
}
