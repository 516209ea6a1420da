//! Settings of this service.

use serde::{Deserialize, Serialize};

/// Settings of the workspace service.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How many providers one workspace may have, and the platform. Routing opens both into one message of 32 MiB, and each
    /// provider may bring 500 model names and 16 KiB of options.
    pub max_providers: u32,
    /// For how many days the link of an invitation works.
    pub invitation_days: u32,
    /// How many addresses one workspace may write invitations to within 24 hours.
    pub max_invitations: u32,
    /// For how many days responses of `POST /v1/responses` are kept where the workspace does not say. 0: not at all.
    pub keep_responses_days: i32,
    /// How many responses are kept for one workspace; the oldest ones go first.
    pub max_responses: u64,
    /// How many bytes of them.
    pub max_responses_bytes: u64,
    /// For how many days a workspace that was deleted can be restored, before all that is kept of it goes for ever. 0: it goes
    /// at once.
    pub deletion_grace_days: u32,
    /// How many webhooks one workspace may have.
    pub max_webhooks: u32,
    /// For how many days what was sent to webhooks is kept, for their owners to see and to send again.
    pub keep_deliveries_days: u32,
    /// How many events may wait for one webhook; the oldest are given up, and can be sent again.
    pub max_waiting_deliveries: u32,
    /// `billing.default_plan`: the plan of a workspace that has chosen none.
    #[serde(skip)]
    pub default_plan: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_providers: 100,
            invitation_days: 7,
            max_invitations: 100,
            keep_responses_days: 30,
            max_responses: 100_000,
            max_responses_bytes: 1024 * 1024 * 1024,
            deletion_grace_days: 30,
            max_webhooks: 10,
            keep_deliveries_days: 30,
            max_waiting_deliveries: 10_000,
            default_plan: "free".to_owned(),
        }
    }
}
