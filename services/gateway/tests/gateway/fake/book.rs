//! What the fakes are told, and what they were asked.

use proto::{
    limits::{Limits, PerModel},
    routing::Settings,
    usage, workspace,
};
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};
use tonic::Status;

/// What the fakes know, remember and do next.
#[derive(Default)]
pub struct Book {
    pub providers: Vec<workspace::OpenProvider>,
    /// What the platform offers to the workspace, and to other plans.
    pub platform: Vec<workspace::OpenProvider>,
    pub locked: Vec<workspace::LockedProvider>,
    pub disabled: Vec<workspace::Provider>,
    pub workspace_limits: Limits,
    pub per_user: Limits,
    pub per_model: PerModel,
    pub teams: Vec<workspace::TeamLimits>,
    pub routing: Settings,
    pub guardrails: proto::guardrails::Settings,
    /// Nano-units for a million tokens, by model.
    pub prices: HashMap<String, i64>,
    pub logs: Vec<usage::RequestLog>,
    /// By place: the request, and its answer if that is known.
    pub answers: HashMap<bytes::Bytes, (bytes::Bytes, Option<bytes::Bytes>)>,
    /// By id, in the order in which they were kept.
    pub responses: Vec<workspace::KeepResponseRequest>,
    /// For how many days responses are kept.
    pub keep_responses_days: i32,
    /// What pays for executions, by the SHA-256 of its token.
    pub budgets: HashMap<bytes::Bytes, workspace::OpenBudgetResponse>,
    /// How long the workspace service takes to give the place for an answer.
    pub claim_delay: Duration,
    pub key_limits: Limits,
    pub key_user: String,
    pub key_team: String,
    /// What the key may call; empty: anything.
    pub key_models: Vec<String>,
    /// From when on the key calls nothing.
    pub key_ends_at: Option<chrono::DateTime<chrono::Utc>>,
    pub routing_calls: usize,
    pub admits: Vec<usage::AdmitRequest>,
    pub granted: HashSet<String>,
    pub peeks: Vec<usage::PeekLimitsRequest>,
    pub settles: Vec<usage::SettleRequest>,
    pub refusals: Vec<usage::RecordRefusalRequest>,
    pub heartbeats: usize,
    pub limits: Vec<usage::LimitState>,
    /// Answers to the next admissions, in order; then all are granted.
    pub refuse_admits: Vec<Option<Status>>,
    /// So many settlements fail first.
    pub fail_settles: usize,
    pub admit_delay: Duration,
    /// Output tokens after which streams have to stop.
    pub stop_after: Option<i64>,
    /// The workspace service cannot be reached.
    pub workspaces_away: bool,
}
