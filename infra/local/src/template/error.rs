//! Errors in a template. Each message names the location, such as `Resources.BatchesQueue.Properties`.

#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    #[error("the template is not YAML")]
    Yaml(#[source] serde_norway::Error),
    #[error("{at}: nothing is there")]
    Missing { at: String },
    #[error("{at}: {tag} is not known to the local runner")]
    UnknownTag { at: String, tag: String },
    #[error("{at}: no parameter, resource or attribute is called {name}")]
    UnknownName { at: String, name: String },
    #[error("{at}: {problem}")]
    Malformed { at: String, problem: String },
    #[error("{at}: not of the expected shape")]
    Shape { at: String, source: serde_json::Error },
}

impl TemplateError {
    pub(super) fn malformed(at: &str, problem: impl Into<String>) -> Self {
        Self::Malformed { at: at.to_owned(), problem: problem.into() }
    }
}
