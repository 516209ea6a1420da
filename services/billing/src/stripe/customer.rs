//! Which account at Stripe is a workspace's, and how does it get to the page where it looks after its cards?

use super::{Stripe, is_name, make, object::Account, requests};
use crate::payment::{Customer, Trouble};
use proto::id::WorkspaceId;
use serde::Deserialize;

#[derive(Deserialize)]
struct Page {
    url: String,
}

impl Stripe {
    /// [`crate::payment::Provider::customer`]. The key is the workspace, and after an account that cannot be used any more that
    /// one as well. When Stripe has forgotten the key, it finds the account by what is written at it.
    pub(super) async fn account_of(&self, wanted: &Customer) -> Result<String, Trouble> {
        let workspace = wanted.workspace;
        let known = wanted.known.as_deref();
        if let Some(known) = known
            && self.is_of(known, workspace).await?
        {
            return Ok(known.to_owned());
        }
        if let Some(found) = self.made_for(workspace, known).await? {
            return Ok(found.id);
        }
        let key = known.map_or_else(|| format!("customer:{workspace}"), |old| format!("customer:{workspace}:{old}"));
        let ask = requests::new_customer(wanted);
        let made: Account = make::once(&self.api, &ask, &key, self.made_for(workspace, known)).await?;
        match made.is_of(workspace) {
            true => Ok(made.id),
            false => Err(Trouble::Unexpected(format!("the customer {} was made for somebody else", made.id))),
        }
    }

    /// Whether an account can be used still.
    pub(super) async fn is_there(&self, id: &str) -> Result<bool, Trouble> {
        Ok(self.account(id).await?.is_some_and(|account| account.is_usable()))
    }

    async fn is_of(&self, id: &str, workspace: WorkspaceId) -> Result<bool, Trouble> {
        Ok(self.account(id).await?.is_some_and(|account| account.is_of(workspace)))
    }

    async fn account(&self, id: &str) -> Result<Option<Account>, Trouble> {
        if !is_name(id, "cus_") {
            return Ok(None);
        }
        match self.api.ask::<Account>(&requests::customer(id), None).await.map_err(Trouble::from) {
            Ok(account) => Ok(Some(account)),
            Err(Trouble::Unknown) => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    async fn made_for(&self, workspace: WorkspaceId, but: Option<&str>) -> Result<Option<Account>, Trouble> {
        let mut found: Vec<Account> = self.api.first(&requests::customer_of(workspace)).await?;
        // A deleted one may be found for a minute.
        found.retain(|account| account.is_of(workspace) && Some(account.id.as_str()) != but);
        // Of several the oldest, whoever looks: the newest stand first.
        Ok(found.pop())
    }

    /// [`crate::payment::Provider::portal`]
    pub(super) async fn page_of(&self, customer: &str, return_url: &str) -> Result<String, Trouble> {
        let page: Page = self.api.ask(&requests::portal(customer, return_url), None).await?;
        Ok(page.url)
    }
}
