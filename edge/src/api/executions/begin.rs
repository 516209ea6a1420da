//! How is an execution begun? Counted first, then written down as the workspace's, then handed to the engine; what fails on
//! the way is taken back, and what nobody could take back the settling does.

use super::{allowed::Allowance, currency, for_engine, language::Language, look_up, new::Wanted, settle};
use crate::{
    app::Shared,
    error::{Error, Result},
};
use proto::{
    Call, Failure, Permission, Reason,
    engine::{CreateExecutionRequest, DeleteExecutionRequest, Depth, Execution},
    id::ExecutionId,
    workspace::{self, FindExecutionRequest, OpenExecutionRequest, OpenExecutionResponse, OwnedExecution},
};
use std::time::Duration;
use tokio::time::Instant;
use tonic::Status;

/// Characters of the problem that lists show.
const TITLE: usize = 200;
/// How long the engine may take to write an execution down. Less than a request may take: afterwards things are taken back.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long one that may have been created is tried to be erased.
const TAKING_BACK: Duration = Duration::from_secs(2);
/// When it makes sense to try again where too many run.
const SOME_TIME: Duration = Duration::from_secs(10);

/// An execution that is begun: for whom, under which id, and what its request leaves to the workspace.
pub(super) struct Beginning<'a> {
    pub app: &'a Shared,
    pub call: &'a Call,
    pub id: ExecutionId,
    pub language: Language,
    /// Of the workspace.
    pub currency: String,
}

/// The execution as the workspace and the engine know it, and whether it was there before.
type Made = (OwnedExecution, Option<Execution>, bool);

impl Beginning<'_> {
    /// Whether the same request came before.
    pub(super) async fn exists(&self) -> Result<bool> {
        if self.call.idempotency_key.is_none() {
            return Ok(false);
        }
        let finding = Call { scopes: self.call.scopes.with(Permission::ExecutionsRead), ..self.call.clone() };
        let request = FindExecutionRequest { execution_id: self.id.to_string() };
        match self.app.services.workspaces.find_execution(&finding, request).await {
            Ok(_) => Ok(true),
            Err(status) if Reason::of(&status) == Reason::NotFound => Ok(false),
            Err(status) => Err(status.into()),
        }
    }

    /// It was counted and written down before; only whether it came to the engine is not known.
    pub(super) async fn repeat(&self, wanted: Wanted) -> Result<Made> {
        let opened = self.open(&wanted, None).await?;
        let (owned, token) = read(opened.execution, opened.budget_token)?;
        if !opened.existed {
            // It was deleted while we asked, and this one is not counted.
            self.take_back().await;
            return Err(Reason::Conflict.with("the execution was deleted just now: try again").into());
        }
        if owned.closed_at.is_some() {
            return Ok((owned, look_up(self.app, self.call, self.id).await?, true));
        }
        let execution = self.hand_over(wanted, token).await.map_err(refusal)?;
        Ok((owned, execution, true))
    }

    /// Counts it, writes it down, hands it over. Errors: `QUOTA_EXCEEDED`, `CONCURRENCY_LIMITED`, `IDEMPOTENCY_MISMATCH`,
    /// `CONFLICT`, `REFUSED_VALUE`, `SERVICE_UNAVAILABLE`; then nothing was begun.
    pub(super) async fn begin(&self, wanted: Wanted, allowance: &Allowance) -> Result<Made> {
        allowance.reserve(self.app, self.call, self.id, self.language).await?;
        let opened = match self.open_in_time(&wanted, allowance.plan.max_open).await {
            Ok(opened) => opened,
            Err(status) => {
                // Under the same key somebody else has begun something else at the same time, which goes on counting.
                if Reason::of(&status) != Reason::IdempotencyMismatch {
                    self.release().await;
                }
                return Err(too_many(status, allowance.plan.max_open));
            }
        };
        let (owned, token) = read(opened.execution, opened.budget_token)?;
        if !opened.existed {
            // Before the engine has it: afterwards it may end, and not be counted any more, at any time.
            allowance.keep(self.app, self.call, self.id).await;
        }
        let execution = match self.hand_over(wanted, token).await {
            Ok(execution) => execution,
            Err(status) => {
                // Who made it takes it back; who came second at the same time leaves it to the first.
                if !opened.existed {
                    self.take_back().await;
                }
                return Err(refusal(status));
            }
        };
        Ok((owned, execution, opened.existed))
    }

    /// Writes it down. Where too many are open, some may have ended that nobody has closed yet.
    async fn open_in_time(&self, wanted: &Wanted, max_open: Option<i64>) -> Result<OpenExecutionResponse, Status> {
        let first = self.open(wanted, max_open).await;
        let Err(status) = &first else { return first };
        if Reason::of(status) != Reason::ConcurrencyLimited {
            return first;
        }
        if let Err(status) = settle::pass(&self.app.services, Some(self.call.workspace()?)).await {
            tracing::warn!(source = status.message(), "executions that have ended are not all closed");
        }
        self.open(wanted, max_open).await
    }

    async fn open(&self, wanted: &Wanted, max_open: Option<i64>) -> Result<OpenExecutionResponse, Status> {
        let words: Vec<_> = wanted.brief.problem_description.split_whitespace().collect();
        let request = OpenExecutionRequest {
            execution_id: self.id.to_string(),
            title: words.join(" ").chars().take(TITLE).collect(),
            depth: name(wanted.depth).to_owned(),
            max_open,
            request_sha256: wanted.sha256.clone().into(),
        };
        self.app.services.workspaces.open_execution(self.call, request).await
    }

    /// Gives the engine what it needs, which is nothing about who asks.
    async fn hand_over(&self, wanted: Wanted, budget_token: String) -> Result<Option<Execution>, Status> {
        let mut brief = wanted.brief;
        if brief.currency.is_empty() {
            brief.currency =
                currency::of(&brief.problem_description).map_or_else(|| self.currency.clone(), str::to_owned);
        }
        let request = CreateExecutionRequest {
            execution_id: self.id.to_string(),
            budget_token,
            brief: Some(brief),
            depth: wanted.depth.into(),
            locale: self.language.as_str().to_owned(),
            model: wanted.model.unwrap_or_else(|| self.app.config.executions.model.clone()),
            interactive: wanted.interactive,
        };
        let call = for_engine(self.call).until(Instant::now() + PATIENCE);
        Ok(self.app.services.engine.create_execution(&call, request).await?.execution)
    }

    /// As if it had never been. What fails here is found by the settling.
    async fn take_back(&self) {
        let services = &self.app.services;
        let execution_id = self.id.to_string();
        // The engine may have it, although it has not said so.
        let engine = for_engine(&settle::ours(services, None)).until(Instant::now() + TAKING_BACK);
        let request = DeleteExecutionRequest { execution_id: execution_id.clone() };
        let erased = services.engine.delete_execution(&engine, request).await;
        let ours = settle::ours(services, self.call.workspace);
        let request = workspace::DeleteExecutionRequest { execution_id };
        let deleted = services.workspaces.delete_execution(&ours, request).await;
        for status in [erased.err(), deleted.err()].into_iter().flatten() {
            if Reason::of(&status) != Reason::NotFound {
                tracing::warn!(execution_id = %self.id, source = status.message(), "it is not taken back yet");
            }
        }
        self.release().await;
    }

    async fn release(&self) {
        let ours = settle::ours(&self.app.services, self.call.workspace);
        if let Err(status) = settle::release(&self.app.services, &ours, &self.id.to_string()).await {
            tracing::warn!(execution_id = %self.id, source = status.message(), "it counts for some minutes yet");
        }
    }
}

fn read(execution: Option<OwnedExecution>, token: String) -> Result<(OwnedExecution, String)> {
    Ok((execution.ok_or_else(|| Error::incomplete("the execution"))?, token))
}

const fn name(depth: Depth) -> &'static str {
    match depth {
        Depth::Quick => "quick",
        Depth::Deep => "deep",
        Depth::Standard | Depth::Unspecified => "standard",
    }
}

/// What a client is told where the engine did not take it.
fn refusal(status: Status) -> Error {
    let failure = Failure::from(&status);
    match failure.reason {
        // The body was read before: what the engine does not like of it are its values.
        Reason::InvalidArgument => Failure { reason: Reason::RefusedValue, ..failure }.into(),
        Reason::DeadlineExceeded | Reason::Overloaded => {
            Reason::ServiceUnavailable.with("the agent engine does not answer: nothing was begun").into()
        }
        _ => status.into(),
    }
}

/// The failure of one execution too many, with when to try again.
fn too_many(status: Status, max_open: Option<i64>) -> Error {
    let mut failure = Failure::from(&status);
    if failure.reason != Reason::ConcurrencyLimited {
        return status.into();
    }
    failure.retry_after.get_or_insert(SOME_TIME);
    let facts = [("layer", "plan".to_owned()), ("kind", "concurrent_executions".to_owned())];
    let limit = max_open.map(|limit| ("limit", limit.to_string()));
    for (name, value) in facts.into_iter().chain(limit) {
        if failure.get(name).is_none() {
            failure = failure.fact(name, value);
        }
    }
    failure.into()
}
