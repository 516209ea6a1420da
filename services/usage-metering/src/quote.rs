//! What do models cost at most?

use crate::{
    Error, grant,
    price::{Bound, PLATFORM, Subject, WORKSPACE},
    service::Inner,
};
use proto::usage::{CredentialOwner, PricedModel, Quote, QuotePricesRequest, QuotePricesResponse, Units};

/// Models of one request.
const MOST: usize = 100;
/// So many tokens are priced, as some models cost more from a number on that few requests reach.
const SAMPLE: i64 = 10_000;
/// Quotes are for a million.
const SAMPLES: i64 = 1_000_000 / SAMPLE;

impl Inner {
    /// Errors: `INVALID_ARGUMENT`.
    pub fn quote_prices(&self, request: &QuotePricesRequest) -> Result<QuotePricesResponse, Error> {
        let workspace = grant::workspace(&request.workspace_id)?;
        if request.models.len() > MOST {
            return Err(Error::invalid("models", "must be at most 100"));
        }
        let at = self.clock.now();
        let quote = |priced: &PricedModel| {
            let PricedModel { provider_kind, model, .. } = priced;
            let credential_owner = match priced.credential_owner() {
                CredentialOwner::Platform => PLATFORM,
                CredentialOwner::Workspace | CredentialOwner::Simulator | CredentialOwner::Unspecified => WORKSPACE,
            };
            let subject = Subject { workspace, provider_kind, model, credential_owner, at };
            let most = |input, output| match self.prices.bound(subject, input, output, &Units::default()) {
                Bound::Free => Some(0),
                Bound::Unknown => None,
                Bound::Nanos { cost, currency, .. } => {
                    self.prices.convert(cost, &currency, &request.currency, at)?.checked_mul(SAMPLES)
                }
            };
            Quote { input_nanos: most(SAMPLE, 0), output_nanos: most(0, SAMPLE) }
        };
        Ok(QuotePricesResponse { quotes: request.models.iter().map(quote).collect() })
    }
}
