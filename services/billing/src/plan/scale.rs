//! What does a plan allow to whoever has several of it?

use proto::{
    billing::{Entitlement, Plan, entitlement::Value},
    entitlement::Table,
};

/// Its table for a quantity: limits that are for one are so many times as much.
pub(crate) fn scaled(plan: Plan, quantity: i64) -> Table {
    let Plan { mut entitlements, scaled_entitlements, .. } = plan;
    for key in scaled_entitlements {
        if let Some(Entitlement { value: Some(Value::Limit(limit)) }) = entitlements.get_mut(&key) {
            *limit = limit.saturating_mul(quantity.max(1));
        }
    }
    entitlements
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::entitlement::limit;

    #[test]
    fn what_is_for_one_is_multiplied_and_nothing_else() {
        let unlimited = Entitlement { value: Some(Value::Unlimited(true)) };
        let plan = Plan {
            entitlements: [("team_members", limit(2)), ("storage_gb", limit(5)), ("domains", unlimited.clone())]
                .map(|(key, value)| (key.to_owned(), value))
                .into(),
            scaled_entitlements: vec!["team_members".to_owned(), "domains".to_owned(), "gone".to_owned()],
            ..Plan::default()
        };
        let table = scaled(plan.clone(), 7);
        assert_eq!(
            (&table["team_members"], &table["storage_gb"], &table["domains"]),
            (&limit(14), &limit(5), &unlimited)
        );
        assert_eq!(scaled(plan, 0)["team_members"], limit(2));
    }
}
