//! Checks the stack's state in CloudFormation.

use super::Findings;
use crate::deployment::{Kind, StackState};
use crate::operator::Operator;

const AREA: &str = "stack";

pub fn look(operator: &Operator, found: &mut Findings) {
    let Kind::Stack { name, state: StackState { status, reason, is_protected }, .. } = &operator.deployment.kind else {
        return;
    };
    let said = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    match status.as_str() {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" => found.ok(AREA, name, status),
        progress if progress.ends_with("_IN_PROGRESS") => {
            found.warning(
                AREA,
                name,
                format!("{status}{said}"),
                "a deployment is running: check again when it has finished",
            );
        }
        "UPDATE_ROLLBACK_COMPLETE" => {
            let finding = format!("the last update failed and was rolled back{said}");
            found.warning(AREA, name, finding, "the stack's events say why; deploy again");
        }
        _ => found.problem(AREA, name, format!("{status}{said}"), "the stack's events say why; deploy again"),
    }
    if !is_protected {
        let todo = format!(
            "aws cloudformation update-termination-protection --enable-termination-protection --stack-name {name}"
        );
        found.warning(AREA, name, "it is not protected against deletion", todo);
    }
    for (output, url) in [("ApiUrl", &operator.deployment.api_url), ("ShortUrl", &operator.deployment.short_url)] {
        if url.is_empty() {
            found.problem(
                AREA,
                output,
                "the stack has no output with its address",
                "deploy again: the template has this output",
            );
        }
    }
}
