//! A stop signal for all tasks: finish running work, begin nothing new.

use tokio::sync::watch;

/// Sends the signal.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// Receives the signal.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stopper {
    pub fn new() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), Stop(receiver))
    }

    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    pub fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits for the signal, or until the sender is gone.
    pub async fn requested(&mut self) {
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}
