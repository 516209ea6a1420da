//! Which payments is a notification about?

use super::{Boletos, charge::Answer};
use crate::payment::Trouble;
use proto::id::PaymentId;
use serde::Deserialize;

/// One change, of all that a charge has seen. What it says that has changed is not read.
#[derive(Deserialize)]
struct Change {
    custom_id: Option<String>,
}

impl Boletos {
    /// Those that are written on its charges, each once; what is none of ours is left out. `token` has to be one by its form.
    /// Errors: [`Trouble::Unknown`] for a token that Efí has not given out.
    pub(in crate::efi) async fn notified(&self, token: &str) -> Result<Vec<PaymentId>, Trouble> {
        let changes: Answer<Vec<Change>> = self.api.get(&format!("/notification/{token}")).await?;
        let mut found: Vec<PaymentId> =
            changes.data.into_iter().filter_map(|change| change.custom_id?.parse().ok()).collect();
        found.sort();
        found.dedup();
        Ok(found)
    }
}
