//! Which limits hold for a counted resource?

use super::{
    COST, Kind, Limit, Owner, REQUESTS, TOKENS,
    layer::{Asked, Source, add},
    plan::allowances,
};
use crate::{Error, config::Plan};
use proto::usage::{Layer, LayerKind};
use uuid::Uuid;

/// Those of the plan and of the workspace's layers, for a quantity of `resource`. Errors: `INVALID_ARGUMENT`.
pub(crate) fn of_resource(
    (name, plan): (&str, &Plan),
    layers: &[Layer],
    resource: &str,
    quantity: i64,
    asked: &Asked<'_>,
) -> Result<Vec<Limit>, Error> {
    let mut limits = vec![];
    // What requests use is counted when they are admitted.
    if is_of_requests(resource) {
        return Ok(limits);
    }
    let of_plan = Layer { allowances: allowances(plan, |known| known == resource), ..Layer::default() };
    add(&mut limits, &Source { owner: Owner::Plan, id: name.to_owned(), surface: "", layer: &of_plan }, asked)?;
    for layer in layers {
        if layer.kind() != LayerKind::Workspace {
            return Err(Error::invalid(
                "limits.layers",
                "must be of the workspace: events know neither keys nor users",
            ));
        }
        let allowances = layer.allowances.iter().filter(|allowance| allowance.resource == resource).cloned().collect();
        let only = Layer { allowances, ..Layer::default() };
        let id = id_of(asked.workspace);
        add(&mut limits, &Source { owner: Owner::Workspace, id, surface: "", layer: &only }, asked)?;
    }
    for limit in &mut limits {
        debug_assert!(matches!(limit.kind, Kind::Quota(_)), "there are only allowances");
        (limit.cost, limit.least) = (quantity, quantity);
    }
    Ok(limits)
}

/// Whether requests use it, and are counted when they are admitted.
pub(crate) fn is_of_requests(resource: &str) -> bool {
    [TOKENS, COST, REQUESTS].contains(&resource)
}

fn id_of(workspace: Uuid) -> String {
    proto::id::WorkspaceId::from_uuid(workspace).to_string()
}
