//! What has come out of an execution so far.

use super::get::row;
use crate::{
    Error,
    domain::{conflict::Conflict, meeting::Meeting, opinion::Opinion, report::Report},
    journal::StepRow,
    plan::{Kind, Plan},
    run::Results,
    service::Inner,
};
use proto::{
    engine::{GetDocumentRequest, GetDocumentResponse, Part},
    id::ExecutionId,
};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use store::{GlobalTx, sql};

store::row! {
    struct PlanRow {
        plan: String,
    }
}

/// Errors: `NOT_FOUND`, the database failed.
pub(crate) async fn document(inner: &Inner, request: &GetDocumentRequest) -> Result<GetDocumentResponse, Error> {
    let id = super::id(&request.execution_id)?;
    let json = match request.part() {
        Part::Report => body(inner, id).await?.unwrap_or_default(),
        Part::Artifacts => match body(inner, id).await? {
            Some(body) => artifacts(serde_json::from_str(&body)?)?,
            None => String::new(),
        },
        part => so_far(inner, id, part).await?,
    };
    Ok(GetDocumentResponse { json: json.into() })
}

/// The report of an execution that has one. Errors: `NOT_FOUND`, `EXPORT_NOT_READY`, the database failed.
pub(crate) async fn report(inner: &Inner, id: ExecutionId) -> Result<(Report, String), Error> {
    let body = body(inner, id).await?.ok_or(Error::NotReady)?;
    Ok((serde_json::from_str(&body)?, body))
}

async fn body(inner: &Inner, id: ExecutionId) -> Result<Option<String>, Error> {
    let mut tx = GlobalTx::read(&inner.db).await?;
    row(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let found: Option<(String,)> = tx.fetch_optional(sql!("report/get"), &[id.into()]).await?;
    Ok(found.map(|(body,)| body))
}

fn artifacts(report: Report) -> Result<String, Error> {
    let artifacts = json!({
        "quality": report.quality,
        "missing": report.missing,
        "executive_summary": report.summary,
        "decision_memo": report.memo,
        "action_plan": report.actions,
        "risk_register": report.risks,
        "financial_scenarios": report.scenarios,
        "minutes": report.minutes,
        "findings": report.findings,
        "cells": report.cells,
    });
    Ok(serde_json::to_string(&artifacts)?)
}

/// What steps have come to that others are still built upon.
async fn so_far(inner: &Inner, id: ExecutionId, part: Part) -> Result<String, Error> {
    #[derive(Deserialize)]
    struct Tabled {
        conflicts: Vec<Conflict>,
    }
    #[derive(Deserialize)]
    struct Decided {
        conflicts: Vec<Conflict>,
        meeting: Meeting,
    }
    let mut tx = GlobalTx::read(&inner.db).await?;
    row(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let found: PlanRow = tx.fetch_one(sql!("execution/plan"), &[id.into()]).await?;
    let plan: Plan = serde_json::from_str(&found.plan)?;
    let rows: Vec<StepRow> = tx.fetch_all(sql!("step/list"), &[id.into()]).await?;
    drop(tx);
    let results = Results::new(rows.into_iter().map(|row| (row.key.clone(), Arc::new(row))).collect());
    let decided: Option<Decided> = results.get("decide")?;
    Ok(match part {
        Part::Opinions => {
            let opinions: Vec<Opinion> = results.opinions(&plan)?;
            serde_json::to_string(&opinions)?
        }
        Part::Conflicts => {
            let tabled: Option<Tabled> = results.get("table")?;
            let conflicts = decided.map(|decided| decided.conflicts).or(tabled.map(|tabled| tabled.conflicts));
            serde_json::to_string(&conflicts.unwrap_or_default())?
        }
        _ => {
            let said = results.all::<serde_json::Value>(&plan, Kind::Turn)?;
            let turns: Vec<_> = said.iter().map(|(_, said)| &said["turns"]).collect();
            match decided {
                Some(decided) => serde_json::to_string(&decided.meeting)?,
                None => json!({"turns_so_far": turns}).to_string(),
            }
        }
    })
}
