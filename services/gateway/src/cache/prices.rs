//! What a model costs, as usage-metering says. Never waited for by a request: who asks gets what is known, and what is
//! not is asked for beside it.

use crate::provider::Provider;
use host::{Ids, Tasks};
use moka::sync::Cache;
use proto::{
    Call, Role,
    id::{RequestId, WorkspaceId},
    usage::{CredentialOwner, PricedModel, QuotePricesRequest, Usage},
};
use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;
use tonic::Status;

/// Models whose price is remembered, over all workspaces.
const MOST: u64 = 20_000;
/// A price that nobody asked for this long is forgotten.
const UNUSED: Duration = Duration::from_secs(1_800);
/// An older price is asked for again.
const FRESH: Duration = Duration::from_secs(60);
/// How long usage-metering may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Models that are asked for at once.
pub(crate) const MOST_ASKED: usize = 100;
/// Prices are for so many tokens.
const MILLION: i128 = 1_000_000;

/// Prices of models, by workspace.
pub(crate) struct Quotes {
    known: Cache<Key, (Option<Quote>, Instant)>,
    /// What is being asked for.
    asked: Mutex<HashSet<Key>>,
    usage: Usage,
    ids: Ids,
    tasks: Tasks,
}

/// Workspace, who sells, and model as the provider knows it.
pub(crate) type Key = (WorkspaceId, Seller, String);

/// Of whom a model is had: prices of the platform's providers are others than those of a workspace's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Seller {
    kind: &'static str,
    is_platform: bool,
}

impl Seller {
    pub(crate) const fn of(provider: &Provider) -> Self {
        Self { kind: provider.kind, is_platform: provider.is_platform() }
    }
}

/// What a million tokens cost at most, in nano-units of the workspace's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quote {
    pub input: i64,
    pub output: i64,
}

impl Quote {
    /// What so many tokens cost at most, in nano-units.
    pub(crate) fn bound(self, input: i64, output: i64) -> i64 {
        let all = i128::from(self.input) * i128::from(input) + i128::from(self.output) * i128::from(output);
        i64::try_from(all / MILLION).unwrap_or(i64::MAX)
    }
}

impl Quotes {
    pub(crate) fn new(usage: &Usage, ids: &Ids, tasks: &Tasks) -> Self {
        let known = Cache::builder().max_capacity(MOST).time_to_idle(UNUSED).build();
        Self { known, asked: Mutex::default(), usage: usage.clone(), ids: ids.clone(), tasks: tasks.clone() }
    }

    /// What is known of a model's price.
    pub(crate) fn known(&self, workspace: WorkspaceId, seller: Seller, model: &str) -> Option<Quote> {
        self.known.get(&(workspace, seller, model.to_owned())).and_then(|(quote, _)| quote)
    }

    /// Sees to it that the prices of these models, each of a seller, will be known.
    pub(crate) fn learn<'a>(
        self: &std::sync::Arc<Self>,
        workspace: WorkspaceId,
        currency: &str,
        models: impl Iterator<Item = (Seller, &'a str)>,
    ) {
        let mut missing: Vec<Key> = vec![];
        for (seller, model) in models.take(MOST_ASKED) {
            let key = (workspace, seller, model.to_owned());
            let is_fresh = self.known.get(&key).is_some_and(|(_, at)| at.elapsed() < FRESH);
            if !is_fresh && self.asked().insert(key.clone()) {
                missing.push(key);
            }
        }
        if missing.is_empty() {
            return;
        }
        let (quotes, currency) = (self.clone(), currency.to_owned());
        self.tasks.tracker().spawn(async move {
            if let Err(status) = quotes.ask(workspace, currency, &missing).await {
                tracing::debug!(error = status.message(), "prices of models are not known");
            }
            let mut asked = quotes.asked();
            for key in &missing {
                asked.remove(key);
            }
        });
    }

    /// Asks for them now. Errors: those of usage-metering.
    pub(crate) async fn ask(&self, workspace: WorkspaceId, currency: String, models: &[Key]) -> Result<(), Status> {
        let call = Call::service(Role::Gateway, RequestId::from_uuid(self.ids.uuid()));
        let call = Call { workspace: Some(workspace), ..call }.until(Instant::now() + PATIENCE);
        let of = |(_, Seller { kind, is_platform }, model): &Key| PricedModel {
            provider_kind: (*kind).to_owned(),
            model: model.clone(),
            credential_owner: match is_platform {
                true => CredentialOwner::Platform.into(),
                false => CredentialOwner::Workspace.into(),
            },
        };
        let request = QuotePricesRequest {
            workspace_id: workspace.to_string(),
            currency,
            models: models.iter().map(of).collect(),
        };
        let answer = self.usage.quote_prices(&call, request).await?;
        for (key, quote) in models.iter().zip(answer.quotes) {
            let both = quote.input_nanos.zip(quote.output_nanos);
            let quote = both.map(|(input, output)| Quote { input, output });
            self.known.insert(key.clone(), (quote, Instant::now()));
        }
        Ok(())
    }

    fn asked(&self) -> MutexGuard<'_, HashSet<Key>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
