//! All of Envol in one process: the cloud, the functions, and the event sources between them.
//!
//! `cargo local` opens a machine on a folder and serves it; a test opens one in memory, with its own clock, and steps
//! it:
//!
//! ```text
//! let machine = Machine::open(Setup::in_memory(at)).await?;
//! let answer = machine.request(request).await;        // as over HTTP, without a socket
//! machine.tick(at + 1.minute()).await;                // the clock, the schedules, expiry
//! machine.drain().await;                              // all queues, until nothing can be had now
//! assert!(machine.cloud().requests().total() < 40);   // what it has cost
//! ```
//!
//! - `setup`: options of a machine; `by_hand`: stepping it; `serving`: letting it run.

mod by_hand;
mod serving;
mod setup;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use app::Start;
use support::Clock;
use support::ConfigErrors;

use crate::cloud::{CloudError, LocalCloud, Options};
use crate::functions;
use crate::runner::{Feed, Function, Gateway, Handler, Poller, Ticker};
use crate::template::{TEXT, Template, TemplateError};

pub use by_hand::Drained;
pub use serving::{Listeners, PortTaken, ServerSockets};
pub use setup::{BadSecret, CarrierChoice, HttpCarrier, Ports, Secrets, Setup};

/// The template's HTTP API for accounts and carriers.
const MAIN_API: &str = "HttpApi";
/// The template's HTTP API for the short domain.
const SHORT_API: &str = "ShortApi";
/// Concurrent asynchronous calls of one function: imports, each of which may need a whole core.
const ASYNCHRONOUS_CALLS: usize = 2;

/// The machine. Clones share it.
#[derive(Clone)]
pub struct Machine(Arc<Inner>);

struct Inner {
    setup: Setup,
    template: Template,
    cloud: LocalCloud,
    gateway: Gateway,
    short_gateway: Gateway,
    pollers: Vec<Arc<Poller>>,
    tickers: Vec<Ticker>,
}

/// Why a machine does not open.
#[derive(Debug, thiserror::Error)]
pub enum MachineError {
    #[error("the template cannot be read")]
    Template(#[from] TemplateError),
    #[error("the cloud cannot be opened")]
    Cloud(#[from] CloudError),
    #[error("the function {function} cannot be opened")]
    Function { function: String, source: ConfigErrors },
    #[error("the template has no {what}")]
    Missing { what: &'static str },
}

impl Machine {
    /// Opens a machine with Envol's functions.
    pub async fn open(setup: Setup) -> Result<Self, MachineError> {
        let clock = setup.clock.clone();
        Self::open_with(setup, |name, environment, cloud| functions::open(name, environment, cloud, &clock)).await
    }

    /// Opens a machine with other functions.
    pub async fn open_with(
        setup: Setup,
        handler: impl Fn(&str, &BTreeMap<String, String>, &LocalCloud) -> Result<Handler, ConfigErrors>,
    ) -> Result<Self, MachineError> {
        let mut template = Template::read(TEXT, &setup.context())?;
        let cloud = LocalCloud::open(setup.cloud(), &template).await?;
        let mut functions = BTreeMap::new();
        for (name, declared) in &template.functions {
            let handler = handler(name, &declared.environment, &cloud)
                .map_err(|source| MachineError::Function { function: name.clone(), source })?;
            functions.insert(declared.arn.clone(), Function::new(name, declared.timeout, handler));
        }
        let mut gateway = |name| {
            let api = template.apis.remove(name).ok_or(MachineError::Missing { what: name })?;
            Ok::<_, MachineError>(Gateway::new(api, functions.clone()))
        };
        let (main, short) = (gateway(MAIN_API)?, gateway(SHORT_API)?);
        let pollers = pollers(&template, &cloud, &functions)?;
        let tickers = tickers(&template, &setup, &functions);
        let inner = Inner { setup, template, cloud, gateway: main, short_gateway: short, pollers, tickers };
        Ok(Self(Arc::new(inner)))
    }

    pub fn cloud(&self) -> &LocalCloud {
        &self.0.cloud
    }

    pub fn clock(&self) -> &Clock {
        &self.0.setup.clock
    }

    pub fn setup(&self) -> &Setup {
        &self.0.setup
    }

    /// The template, resolved for this machine.
    pub fn template(&self) -> &Template {
        &self.0.template
    }

    /// The start of a function with all rights, for the operator of this machine.
    pub fn start_of(&self, function: &str) -> Start {
        let environment = self.template().functions.get(function).map(|function| function.environment.clone());
        let environment = environment.unwrap_or_default().into();
        Start { sdk: self.cloud().sdk_config(), environment, clock: self.clock().clone() }
    }
}

/// One poller per event source of the template, and one for the asynchronous calls of each function that has any.
fn pollers(
    template: &Template,
    cloud: &LocalCloud,
    functions: &BTreeMap<String, Function>,
) -> Result<Vec<Arc<Poller>>, MachineError> {
    let mut pollers = Vec::new();
    for declared in template.functions.values() {
        let Some(function) = functions.get(&declared.arn) else { continue };
        let poller = |queue: &crate::template::Queue, feed| {
            Arc::new(Poller { cloud: cloud.clone(), queue: queue.clone(), function: function.clone(), feed })
        };
        for source in &declared.queues {
            let queue = template
                .queue_by_arn(&source.queue_arn)
                .ok_or(MachineError::Missing { what: "queue of an event source" })?;
            let (batch_size, window, max_concurrency) = (source.batch_size, source.window, source.max_concurrency);
            pollers.push(poller(queue, Feed::Messages { batch_size, window, max_concurrency }));
        }
        if template
            .buckets
            .iter()
            .flat_map(|bucket| &bucket.notifications)
            .any(|notification| notification.function_arn == declared.arn)
        {
            let on_failure = declared.on_failure.as_deref().and_then(|arn| template.queue_by_arn(arn));
            let on_failure = on_failure.map(|queue| queue.url.clone());
            let (retries, max_concurrency) = (declared.retries, ASYNCHRONOUS_CALLS);
            pollers.push(poller(&declared.calls, Feed::Calls { retries, on_failure, max_concurrency }));
        }
    }
    Ok(pollers)
}

fn tickers(template: &Template, setup: &Setup, functions: &BTreeMap<String, Function>) -> Vec<Ticker> {
    let Options { region, account, clock, .. } = setup.cloud();
    let of_function = |declared: &crate::template::Function| {
        let function = functions.get(&declared.arn).cloned();
        let ticker = |(function, period): (Function, std::time::Duration)| Ticker {
            function,
            period,
            clock: clock.clone(),
            region: region.clone(),
            account: account.clone(),
        };
        let periods = declared.schedules.clone();
        periods.into_iter().filter_map(move |period| Some((function.clone()?, period))).map(ticker).collect::<Vec<_>>()
    };
    template.functions.values().flat_map(of_function).collect()
}

impl std::fmt::Debug for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Machine").field("ports", &self.0.setup.ports).finish_non_exhaustive()
    }
}
