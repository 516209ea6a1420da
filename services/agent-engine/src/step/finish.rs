//! Makes the report from all that came out.

use super::decide::Decided;
use crate::{
    Error,
    ask::Stop,
    compose::{self, Parts, Wording},
    domain::report::{Finding, Missing, Quality},
    finance,
    journal::End,
    plan::Kind,
    run::{Results, Run},
};
use sha2::{Digest as _, Sha256};

pub(super) fn finish(run: &Run, results: &Results) -> Result<End, Stop> {
    let Some(decided) = results.get::<Decided>("decide")? else {
        return Err(Error::Kept("there is no decision".to_owned()).into());
    };
    let opinions = results.opinions(&run.plan)?;
    let brief = finance::assumed(&results.brief()?, &opinions);
    let words = |document: &str| results.get::<Vec<String>>(&format!("word.{document}")).map(Option::unwrap_or_default);
    let findings: Vec<Vec<Finding>> =
        results.all(&run.plan, Kind::Review)?.into_iter().map(|(_, findings)| findings).collect();
    let report = compose::report(Parts {
        execution_id: &run.id.to_string(),
        depth: crate::execution::depth(&run.depth),
        created_at: run.created_at,
        brief: &brief,
        opinions: &opinions,
        conflicts: &decided.conflicts,
        meeting: &decided.meeting,
        scenarios: decided.scenarios,
        findings: findings.concat(),
        missing: missing(run, results),
        wording: Wording { summary: words("summary")?, memo: words("memo")?, minutes: words("minutes")? },
    });
    let body = serde_json::to_string(&report).map_err(Error::from)?;
    Ok(End::Completed {
        quality: if report.quality == Quality::Full { "full" } else { "partial" },
        headline: report.summary.headline,
        hash: hex::encode(Sha256::digest(&body)),
        report: body,
    })
}

/// Steps that were tried, and did not come to their end.
fn missing(run: &Run, results: &Results) -> Vec<Missing> {
    let failed = |step: &crate::plan::Step| {
        let row = results.row(&step.key).filter(|row| row.state == "failed")?;
        Some(Missing { step: step.key.clone(), reason: row.reason.clone().unwrap_or_default() })
    };
    run.plan.steps.iter().filter_map(failed).collect()
}
