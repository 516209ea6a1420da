//! How does a plan say what is charged of usage?

use proto::billing::UsageTerms;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How usage with credentials of the platform is charged. What is used with a workspace's own credentials never is.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UsageTerms)]
pub(crate) struct UsageTermsBody {
    /// What is added to what models cost, in percent with at most four decimals. 0 to 1000.
    #[schema(example = "20")]
    markup_percent: String,
    /// What each period has for nothing, by currency (ISO 4217), in its smallest unit. Of the price with the markup.
    #[serde(default)]
    #[schema(example = json!({"USD": 500}))]
    included: BTreeMap<String, i64>,
}

impl From<UsageTerms> for UsageTermsBody {
    fn from(terms: UsageTerms) -> Self {
        let UsageTerms { markup_percent, included } = terms;
        Self { markup_percent, included }
    }
}

impl From<UsageTermsBody> for UsageTerms {
    fn from(terms: UsageTermsBody) -> Self {
        let UsageTermsBody { markup_percent, included } = terms;
        Self { markup_percent, included }
    }
}
