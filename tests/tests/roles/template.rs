//! `infra/template.yaml` without resolving names: resources keep their logical names, such as `AccountsTable`.

use std::collections::BTreeSet;

use serde_norway::Value as Yaml;

use crate::reach::Grant;

pub struct Template(Yaml);

impl Template {
    pub fn parse(text: &str) -> Self {
        Self(serde_norway::from_str(text).unwrap())
    }

    /// Logical names and properties of the resources of one type.
    pub fn of_type(&self, kind: &str) -> Vec<(&str, &Yaml)> {
        let resources = self.0["Resources"].as_mapping().unwrap();
        let is_kind = |(_, resource): &(&Yaml, &Yaml)| resource["Type"] == *kind;
        let found = resources.iter().filter(is_kind);
        found.map(|(name, resource)| (name.as_str().unwrap(), &resource["Properties"])).collect()
    }

    /// The functions by the names of their folders, with their properties.
    pub fn functions(&self) -> Vec<(String, &Yaml)> {
        let functions = self.of_type("AWS::Serverless::Function");
        functions.into_iter().map(|(name, yaml)| (name.trim_end_matches("Function").to_lowercase(), yaml)).collect()
    }

    pub fn properties(&self, logical: &str) -> &Yaml {
        &self.0["Resources"][logical]["Properties"]
    }

    /// The policies of a resource on deletion and on replacement.
    pub fn policies(&self, logical: &str) -> (&str, &str) {
        let resource = &self.0["Resources"][logical];
        let policy = |name: &str| resource[name].as_str().unwrap_or_default();
        (policy("DeletionPolicy"), policy("UpdateReplacePolicy"))
    }

    /// The grants in the role of a function.
    pub fn grants(&self, function: &Yaml) -> BTreeSet<Grant> {
        let role = name_in(&function["Role"]);
        let mut grants = BTreeSet::new();
        for policy in self.properties(&role)["Policies"].as_sequence().unwrap() {
            for statement in policy["PolicyDocument"]["Statement"].as_sequence().unwrap() {
                assert_eq!(statement["Effect"], "Allow", "{role}");
                for action in many(&statement["Action"]) {
                    let resources = many(&statement["Resource"]);
                    grants.extend(
                        resources.iter().map(|resource| (action.as_str().unwrap().to_owned(), name_in(resource))),
                    );
                }
            }
        }
        grants
    }

    /// What a function needs besides its code's calls: log, secrets, event sources, failure queue.
    pub fn needs(&self, function: &Yaml) -> BTreeSet<Grant> {
        let need = |action: &str, resource: &str| (action.to_owned(), resource.to_owned());
        let mut needs = BTreeSet::new();
        let log = name_in(&function["LoggingConfig"]["LogGroup"]);
        needs.extend(["logs:CreateLogStream", "logs:PutLogEvents"].map(|action| need(action, &log)));
        for (_, value) in function["Environment"]["Variables"].as_mapping().into_iter().flatten() {
            let Some(reference) = text(value).strip_prefix("secret:${") else { continue };
            needs.insert(need("secretsmanager:GetSecretValue", reference.split('}').next().unwrap()));
        }
        for (_, event) in function["Events"].as_mapping().into_iter().flatten() {
            if event["Type"] == "SQS" {
                let queue = name_in(&event["Properties"]["Queue"]);
                let actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
                needs.extend(actions.map(|action| need(action, &queue)));
            }
        }
        let failed = &function["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"];
        if !failed.is_null() {
            needs.insert(need("sqs:SendMessage", &name_in(failed)));
        }
        needs
    }
}

/// The text of a value, with any tag.
pub fn text(yaml: &Yaml) -> &str {
    match yaml {
        Yaml::Tagged(tagged) => text(&tagged.value),
        other => other.as_str().unwrap_or_default(),
    }
}

/// The meaning of a reference: `!Ref X`, `!GetAtt X.Arn`, `!Sub "${X.Arn}/index/y"` are `X` and `X/index/y`; a key in
/// the bucket is the key, the bucket itself is `bucket`.
pub fn name_in(yaml: &Yaml) -> String {
    let text = text(yaml).replace("${AWS::Partition}", "aws");
    match text.split_once("-data-${AWS::AccountId}-${AWS::Region}") {
        Some((_, "")) => "bucket".to_owned(),
        Some((_, key)) => key.trim_start_matches('/').to_owned(),
        None => text.replace(['$', '{', '}'], "").replacen(".Arn", "", 1),
    }
}

fn many(yaml: &Yaml) -> Vec<&Yaml> {
    yaml.as_sequence().map_or_else(|| vec![yaml], |many| many.iter().collect())
}
