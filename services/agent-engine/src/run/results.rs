//! What has come out of steps so far, as the steps after them read it.

use crate::{
    Error,
    domain::{brief::Brief, opinion::Opinion},
    journal::StepRow,
    plan::{Kind, Plan, Step},
    step::samples,
};
use serde::de::DeserializeOwned;
use std::{collections::BTreeMap, sync::Arc};

/// Cheap to clone: steps see what was there when they began.
#[derive(Clone, Default)]
pub(crate) struct Results(BTreeMap<String, Arc<StepRow>>);

impl Results {
    pub(crate) const fn new(steps: BTreeMap<String, Arc<StepRow>>) -> Self {
        Self(steps)
    }

    pub(crate) fn insert(&mut self, row: StepRow) {
        self.0.insert(row.key.clone(), Arc::new(row));
    }

    /// Whether the step has ended.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    pub(crate) fn row(&self, key: &str) -> Option<&StepRow> {
        self.0.get(key).map(Arc::as_ref)
    }

    /// What came out of a step; None unless it is done. Errors: it cannot be read.
    pub(crate) fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        self.row(key).map_or(Ok(None), StepRow::read)
    }

    /// What came out of each step of a kind that is done, in the order of the plan. Errors: it cannot be read.
    pub(crate) fn all<'p, T: DeserializeOwned>(&self, plan: &'p Plan, kind: Kind) -> Result<Vec<(&'p Step, T)>, Error> {
        let mut found = vec![];
        for step in plan.steps.iter().filter(|step| step.kind == kind) {
            if let Some(output) = self.get(&step.key)? {
                found.push((step, output));
            }
        }
        Ok(found)
    }

    /// The problem with all that was found out about it. Errors: the step before has to have put it together.
    pub(crate) fn brief(&self) -> Result<Brief, Error> {
        self.get("intake")?.ok_or_else(|| Error::Kept("there is no intake".to_owned()))
    }

    /// One opinion of each agent, in the order of the plan. Errors: one cannot be read.
    pub(crate) fn opinions(&self, plan: &Plan) -> Result<Vec<Opinion>, Error> {
        let all: Vec<(&Step, Opinion)> = self.all(plan, Kind::Opinion)?;
        Ok(samples::merged(all.into_iter().map(|(_, opinion)| opinion).collect()))
    }
}
