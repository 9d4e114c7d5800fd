//! Checks the bucket: exists, not public, open to the console's uploads, and notifies import.

use aws::cause;
use aws_sdk_s3::Client;

use super::Findings;
use crate::deployment::Kind;
use crate::operator::Operator;

const AREA: &str = "bucket";
const DEPLOY: &str = "deploy again: the template sets this";

pub async fn look(operator: &Operator, found: &mut Findings) {
    let Some(bucket) = operator.deployment.maybe_resource("Bucket") else {
        found.problem(AREA, "Bucket", "is not in the stack", DEPLOY);
        return;
    };
    let s3 = aws::sdk::s3(&operator.deployment.sdk);
    if let Err(error) = s3.list_objects_v2().bucket(bucket).max_keys(1).send().await {
        found.problem(AREA, bucket, format!("cannot be read: {}", cause::of_call(&error)), DEPLOY);
        return;
    }
    if matches!(operator.deployment.kind, Kind::Local { .. }) {
        found.ok(AREA, bucket, "answers");
        return;
    }
    let mut problems = Vec::new();
    problems.extend(cors(&s3, bucket).await);
    problems.extend(encryption(&s3, bucket).await);
    problems.extend(public(&s3, bucket).await);
    problems.extend(notification(&s3, bucket).await);
    found.problems(
        AREA,
        bucket,
        problems,
        "answers; encrypted, private, accepts browsers' uploads, notifies import",
        DEPLOY,
    );
    let rules = s3.get_bucket_lifecycle_configuration().bucket(bucket).send().await;
    if !rules.is_ok_and(|answer| !answer.rules().is_empty()) {
        found.warning(AREA, bucket, "has no lifecycle rules: uploads and exports are never removed", DEPLOY);
    }
}

async fn cors(s3: &Client, bucket: &str) -> Option<String> {
    match s3.get_bucket_cors().bucket(bucket).send().await {
        Ok(answer) => {
            let takes_put =
                answer.cors_rules().iter().any(|rule| rule.allowed_methods().iter().any(|one| one == "PUT"));
            (!takes_put).then(|| "browsers may not upload (CORS)".to_owned())
        }
        Err(error) => Some(format!("its CORS rules cannot be read: {}", cause::of_call(&error))),
    }
}

async fn encryption(s3: &Client, bucket: &str) -> Option<String> {
    match s3.get_bucket_encryption().bucket(bucket).send().await {
        Ok(answer) => {
            let rules = answer.server_side_encryption_configuration.map(|all| all.rules).unwrap_or_default();
            rules.is_empty().then(|| "is not encrypted".to_owned())
        }
        Err(error) => Some(format!("its encryption cannot be read: {}", cause::of_call(&error))),
    }
}

async fn public(s3: &Client, bucket: &str) -> Option<String> {
    match s3.get_public_access_block().bucket(bucket).send().await {
        Ok(answer) => {
            let block = answer.public_access_block_configuration;
            let is_closed = block.is_some_and(|block| {
                let parts = [
                    block.block_public_acls,
                    block.block_public_policy,
                    block.ignore_public_acls,
                    block.restrict_public_buckets,
                ];
                parts.iter().all(|part| *part == Some(true))
            });
            (!is_closed).then(|| "public access is not blocked".to_owned())
        }
        Err(error) => Some(format!("its public access block cannot be read: {}", cause::of_call(&error))),
    }
}

async fn notification(s3: &Client, bucket: &str) -> Option<String> {
    match s3.get_bucket_notification_configuration().bucket(bucket).send().await {
        Ok(answer) => {
            let none = answer.lambda_function_configurations().is_empty();
            none.then(|| "sends no event for uploads: no list is imported".to_owned())
        }
        Err(error) => Some(format!("its notifications cannot be read: {}", cause::of_call(&error))),
    }
}
