//! Errors of the embedded cloud.

use std::io;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum CloudError {
    #[error("cannot use {}", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("{} is not a path that the tables can be kept under", path.display())]
    Path { path: PathBuf },
    #[error("the tables cannot be used: {problem}")]
    Tables { problem: String },
    #[error("{operation} of a table failed: {answer}")]
    Setup { operation: String, answer: String },
    #[error("the files in {} cannot be used: {problem}", path.display())]
    Files { path: PathBuf, problem: String },
    #[error("the queue {queue} cannot be used: {problem}")]
    Queue { queue: String, problem: String },
    #[error("a request cannot be answered: {problem}")]
    Protocol { problem: String },
    #[error("the answer was lost, on purpose")]
    AnswerLost,
}

impl CloudError {
    pub(super) fn tables(error: dynoxide::DynoxideError) -> Self {
        Self::Tables { problem: error.to_string() }
    }
}
