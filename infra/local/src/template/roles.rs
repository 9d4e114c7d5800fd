//! Permissions of the functions' roles. Pure.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{TemplateError, resolve::Resolver};

/// The permissions of a function: the statements of its role.
#[derive(Debug, Clone, Default)]
pub struct Role(pub Vec<Statement>);

#[derive(Debug, Clone)]
pub struct Statement {
    /// `dynamodb:GetItem`.
    pub actions: Vec<String>,
    /// ARNs; `*` at the end stands for anything.
    pub resources: Vec<String>,
}

impl Role {
    /// Whether a statement allows this.
    pub fn allows(&self, action: &str, resource: &str) -> bool {
        let covers = |pattern: &String| match pattern.strip_suffix('*') {
            Some(beginning) => resource.starts_with(beginning),
            None => resource == pattern,
        };
        let allows = |statement: &Statement| {
            statement.actions.iter().any(|one| one == action) && statement.resources.iter().any(covers)
        };
        self.0.iter().any(allows)
    }
}

/// The roles of the template, by ARN.
pub fn read(resolver: &Resolver<'_>) -> Result<BTreeMap<String, Role>, TemplateError> {
    let mut roles = BTreeMap::new();
    for (logical, resource) in resolver.of_type("AWS::IAM::Role") {
        let at = format!("Resources.{logical}.Properties");
        let policies = resource.get("Properties").and_then(|all| all.get("Policies"));
        let policies = policies.ok_or_else(|| TemplateError::Missing { at: format!("{at}.Policies") })?;
        let policies: Vec<Policy> = resolver.shape(&at, policies)?;
        let mut role = Role::default();
        for statement in policies.into_iter().flat_map(|policy| policy.policy_document.statement) {
            if statement.effect != "Allow" {
                return Err(TemplateError::malformed(&at, "a role of a function only allows"));
            }
            let StatementShape { action, resource, .. } = statement;
            role.0.push(Statement { actions: action.into_vec(), resources: resource.into_vec() });
        }
        roles.insert(resolver.attribute(&at, logical, "Arn")?, role);
    }
    Ok(roles)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    policy_document: Document,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    statement: Vec<StatementShape>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StatementShape {
    effect: String,
    action: OneOrMany,
    resource: OneOrMany,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_allows_its_actions_on_its_resources_and_wildcards() {
        let statement = |actions: &[&str], resource: &str| Statement {
            actions: actions.iter().map(|action| (*action).to_owned()).collect(),
            resources: vec![resource.to_owned()],
        };
        let role = Role(vec![
            statement(&["dynamodb:GetItem", "dynamodb:Query"], "arn:table/a"),
            statement(&["s3:GetObject"], "arn:bucket/lists/*"),
        ]);
        assert!(role.allows("dynamodb:Query", "arn:table/a"));
        assert!(!role.allows("dynamodb:PutItem", "arn:table/a"));
        assert!(!role.allows("dynamodb:Query", "arn:table/a/index/i"));
        assert!(role.allows("s3:GetObject", "arn:bucket/lists/x/y"));
        assert!(!role.allows("s3:GetObject", "arn:bucket/media/x"));
        assert!(!role.allows("dynamodb:GetItem", "arn:bucket/lists/x"));
    }
}
