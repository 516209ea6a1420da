//! What boletos were paid in a time?

use super::{Boletos, list::Window};
use crate::payment::{Received, Trouble};
use chrono::{DateTime, Utc};

impl Boletos {
    /// All of them, also those that are none of ours.
    pub(in crate::efi) async fn received(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<Received>, Trouble> {
        let mut found = vec![];
        for charge in self.list(&Window::of_payment(from, to)).await? {
            if charge.received().is_none() {
                continue;
            }
            let charge = if charge.is_detailed() { charge } else { self.charge(&charge.reference()).await? };
            found.extend(charge.received().filter(|received| received.at >= from && received.at < to));
        }
        Ok(found)
    }
}
