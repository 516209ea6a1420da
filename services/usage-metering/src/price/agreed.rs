//! What does a workspace say and read about its prices?

use super::{Agreed, Agreement, overrides::AgreedPrice, unit::UnitTexts};
use crate::{Error, act, row, service::Inner};
use proto::{
    Call,
    id::WorkspaceId,
    usage::{AgreedPrice as PriceMessage, AgreedPrices},
};
use serde_json::json;
use std::collections::HashMap;
use store::{Sql, WorkspaceTx, sql};

const GET: Sql = sql!("price/get");
const PUT: Sql = sql!("price/put");

impl Inner {
    /// What was agreed on; nothing, if nothing was. Errors: `SERVICE_UNAVAILABLE`.
    pub async fn get_prices(&self, workspace: WorkspaceId) -> Result<AgreedPrices, Error> {
        let mut tx = WorkspaceTx::read(&self.db, workspace).await?;
        let stored: Option<(String,)> = tx.fetch_optional(GET, &[workspace.into()]).await?;
        let Some((document,)) = stored else { return Ok(AgreedPrices::default()) };
        let agreed: Agreed = serde_json::from_str(&document).map_err(|error| Error::Prices(error.to_string()))?;
        Ok(agreed.into())
    }

    /// Replaces what was agreed on. It holds in this process at once, in others within a second or two.
    /// Errors: `REFUSED_VALUE` names what is wrong, `SERVICE_UNAVAILABLE`.
    pub async fn put_prices(
        &self,
        call: &Call,
        workspace: WorkspaceId,
        agreed: AgreedPrices,
    ) -> Result<AgreedPrices, Error> {
        let agreed = Agreed::read(agreed)?;
        let agreement = Agreement::read(&agreed).map_err(|(field, problem)| Error::AgreedPrice { field, problem })?;
        // An agreement that is the first to be known must not make the others count as read.
        super::load(&self.prices, &self.db).await?;
        let mut tx = WorkspaceTx::begin(&self.db, workspace).await?;
        tx.execute(PUT, &[workspace.into(), row::text(&agreed).into(), self.clock.now().into()]).await?;
        let facts = json!({ "prices": agreed.prices.len(), "markup_percent": agreed.markup_percent });
        act::tell(self, &mut tx, call, "prices.updated", workspace, facts);
        tx.commit().await?;
        self.prices.agree([(workspace.uuid(), agreement)]);
        Ok(agreed.into())
    }
}

impl Agreed {
    fn read(message: AgreedPrices) -> Result<Self, Error> {
        let price = |(n, price): (usize, PriceMessage)| {
            let wrong = |problem| Error::AgreedPrice { field: format!("prices[{n}].prices"), problem };
            Ok(AgreedPrice {
                provider: price.provider,
                models: price.models,
                currency: price.currency,
                from: Some(price.from).filter(|from| !from.is_empty()),
                to: Some(price.to).filter(|to| !to.is_empty()),
                free: price.free,
                prices: units(&price.prices).map_err(wrong)?,
            })
        };
        let prices = message.prices.into_iter().enumerate().map(price).collect::<Result<_, Error>>()?;
        Ok(Self { markup_percent: message.markup_percent, prices })
    }
}

/// Errors: a bucket that there is not.
fn units(prices: &HashMap<String, String>) -> Result<UnitTexts, String> {
    let value = serde_json::Value::from_iter(prices.iter().map(|(bucket, price)| (bucket.clone(), price.clone())));
    let texts: UnitTexts = serde_json::from_value(value).map_err(|error| error.to_string())?;
    texts.check().map(|()| texts)
}

impl From<Agreed> for AgreedPrices {
    fn from(agreed: Agreed) -> Self {
        let price = |price: AgreedPrice| PriceMessage {
            provider: price.provider,
            models: price.models,
            currency: price.currency,
            from: price.from.unwrap_or_default(),
            to: price.to.unwrap_or_default(),
            free: price.free,
            prices: price.prices.named().map(|(bucket, text)| (bucket.to_owned(), text.clone())).collect(),
        };
        Self { markup_percent: agreed.markup_percent, prices: agreed.prices.into_iter().map(price).collect() }
    }
}
