//! Which events are there, and what becomes one? `README.md` beside the code tells customers the same.

/// A type of events.
#[derive(Clone, Copy, Debug)]
pub struct EventType {
    /// Its name, which stays: receivers are written for it.
    pub name: &'static str,
    /// The action in the audit trail, or the event of another service, that becomes one. Empty for one that is made by itself.
    pub(crate) action: &'static str,
    /// When it is sent.
    pub says: &'static str,
}

/// Stands for all of them.
pub(crate) const ALL: &str = "*";
/// Sent to try a webhook, whatever it wants.
pub(crate) const TEST: &str = "webhook.test";

/// One whose name is that of the action.
const fn same(name: &'static str, says: &'static str) -> EventType {
    EventType { name, action: name, says }
}

/// Every type. A new one is a promise; one that is sent no more breaks whoever waits for it.
pub const EVENTS: &[EventType] = &[
    same("api_key.created", "An API key was created"),
    same("api_key.deleted", "An API key was removed from the list"),
    same("api_key.revoked", "An API key works no more"),
    same("api_key.rotated", "An API key has another text"),
    same("api_key.updated", "Name, limits or bounds of an API key changed"),
    same("billing_details.updated", "Who pays, or where letters about invoices go, changed"),
    same("coupon.redeemed", "The subscription has a discount"),
    same("credits.granted", "The workspace was given credits"),
    same("directory.user_created", "The workspace's directory brought somebody"),
    same("directory.user_deactivated", "The workspace's directory ended somebody's membership, and still has them"),
    same("directory.user_deleted", "The workspace's directory has somebody no more"),
    same("directory.user_updated", "The workspace's directory says something else of somebody"),
    same("domain.added", "The workspace says that a domain is its own"),
    same(
        "domain.lost",
        "The record of a domain is gone, or the workspace was deleted: the domain is not verified any more",
    ),
    same("domain.removed", "A domain was removed"),
    same("domain.verified", "The workspace has proved that a domain is its own"),
    same("execution.cancelled", "An execution was cancelled"),
    same("execution.completed", "An execution has its report"),
    same("execution.deleted", "An execution was removed"),
    same("execution.failed", "An execution ended without a report"),
    EventType { name: "execution.started", action: "execution.opened", says: "An execution began" },
    same("export.created", "Somebody began an export"),
    same("export.deleted", "An export was removed"),
    same("export_schedule.created", "Exports are made on a schedule"),
    same("export_schedule.deleted", "A schedule of exports ended"),
    same("export_schedule.updated", "A schedule of exports was paused, resumed or sent elsewhere"),
    same("invitation.accepted", "Somebody came by an invitation"),
    same("invitation.created", "Somebody was invited"),
    same("invitation.resent", "The letter of an invitation was sent again"),
    same("invitation.revoked", "An invitation was withdrawn"),
    same("invoice.credited", "A part of an invoice, or all of it, was given back"),
    same("invoice.finalized", "An invoice was issued"),
    same("invoice.paid", "Nothing of an invoice is left to pay"),
    same(
        "invoice.payment_failed",
        "What a mandate was to pay was not taken; `next_attempt` says when it is tried again",
    ),
    same("invoice.payment_recorded", "What was paid outside of Perpetuo was written down"),
    same("invoice.refund_requested", "The provider of a payment was asked to give it back, or a part of it"),
    same("invoice.voided", "An invoice is not owed any more"),
    same("invoice_item.added", "Something was added to the next invoice"),
    same("member.added", "Somebody became a member"),
    same("member.left", "A member left"),
    same("member.removed", "A member was removed"),
    same("member.role_changed", "A member has another role"),
    same("prices.updated", "What the workspace agreed on prices was replaced"),
    same("provider.created", "A provider was added"),
    same("provider.deleted", "A provider was removed"),
    same("provider.updated", "A provider changed"),
    same("role.created", "The workspace has made a role of its own"),
    same("role.deleted", "A role of the workspace's own was removed"),
    same("role.updated", "A role of the workspace's own says or may do something else"),
    same("sso.bypassed", "An owner has come in around the provider of the workspace, with a second factor"),
    same("sso.removed", "People of the workspace do not sign in by a provider of its own any more"),
    same("sso.updated", "By which provider people of the workspace sign in, or whether they have to, changed"),
    EventType {
        name: "subscription.updated",
        action: "subscription.changed",
        says: "Plan, quantity, status or what is scheduled changed",
    },
    same("team.created", "A team was made"),
    same("team.deleted", "A team was removed, and its keys with it"),
    same("team.member_added", "Members came into a team"),
    same("team.member_removed", "Members were taken out of a team"),
    same("team.updated", "Name, limits or description of a team changed"),
    EventType {
        name: "usage.anomaly_detected",
        action: "usage.anomaly",
        says: "An hour's usage was far from what is usual",
    },
    same("usage.threshold_reached", "75, 90 or 100 % of a quota or budget are used"),
    same("webhook.disabled", "Another webhook of the workspace was disabled because it could not be reached"),
    EventType { name: TEST, action: "", says: "Somebody tried the webhook" },
    same("workspace.answers_erased", "Kept answers of models were erased"),
    same("workspace.deleted", "The workspace was deleted, and can be restored for a while"),
    same("workspace.guardrails_changed", "Guardrails changed"),
    same("workspace.ownership_transferred", "The workspace has another owner"),
    same("workspace.restored", "A workspace that was deleted is open again"),
    same("workspace.routing_changed", "Routing settings changed"),
    same("workspace.updated", "Settings of the workspace changed"),
];

/// What an action becomes. None: it is nobody's business outside.
pub(crate) fn of(action: &str) -> Option<&'static EventType> {
    EVENTS.iter().find(|event| !event.action.is_empty() && event.action == action)
}

/// Whether a webhook can ask for it.
pub(crate) fn is_known(name: &str) -> bool {
    EVENTS.iter().any(|event| event.name == name)
}

/// All names, for an answer to who has asked for another.
pub(crate) fn names() -> String {
    EVENTS.iter().map(|event| event.name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_actions_are_unique_and_in_order() {
        let names: Vec<_> = EVENTS.iter().map(|event| event.name).collect();
        assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
        let mut actions: Vec<_> = EVENTS.iter().map(|event| event.action).collect();
        actions.sort_unstable();
        assert!(actions.is_sorted_by(|a, b| a < b), "{actions:?}");
    }

    #[test]
    fn the_catalogue_that_customers_read_is_this_one() {
        let rows: Vec<String> = EVENTS.iter().map(|event| format!("| `{}` | {} |", event.name, event.says)).collect();
        let readme = include_str!("README.md");
        let told: Vec<&str> = readme.lines().filter(|line| line.starts_with("| `") && line.contains('.')).collect();
        assert_eq!(told, rows, "services/workspace/src/webhook/README.md");
    }
}
