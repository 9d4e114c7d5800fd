//! Resources used by this process so far. Linux only.

use std::time::{Duration, Instant};

/// Resources used by this process.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    at: Instant,
    /// Of all threads, in user and in system mode.
    cpu: [Duration; 2],
    switches: u64,
}

/// The difference between two moments.
#[derive(Debug, Clone, Copy)]
pub struct Spent {
    pub wall: Duration,
    pub user: Duration,
    pub system: Duration,
    pub switches: u64,
}

impl Spent {
    pub fn cpu(self) -> Duration {
        self.user + self.system
    }
}

impl Used {
    pub fn now() -> Self {
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        // Ticks of 10 ms, the 14th and 15th field (proc(5)).
        let ticks = |field: usize| Duration::from_millis(10 * fields[field - 3].parse::<u64>().unwrap());
        let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
        let switches = tasks.map(|task| status(&task.path().join("status"), "voluntary_ctxt_switches")).sum();
        Self { at: Instant::now(), cpu: [ticks(14), ticks(15)], switches }
    }

    pub fn since(self, before: Self) -> Spent {
        Spent {
            wall: self.at - before.at,
            user: self.cpu[0] - before.cpu[0],
            system: self.cpu[1] - before.cpu[1],
            switches: self.switches.saturating_sub(before.switches),
        }
    }
}

pub fn status(path: &std::path::Path, name: &str) -> u64 {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
