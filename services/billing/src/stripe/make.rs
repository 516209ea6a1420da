//! How is something made once, whatever happens to the answer?

use super::{api::Api, fault::Fault, requests::Ask};
use crate::payment::Trouble;
use serde::de::DeserializeOwned;

/// Makes something under our key. The same key is the same thing for at least 24 hours, so after a lost answer it is asked for
/// again, by us once and then by the caller.
///
/// There is one case that the key does not help with: Stripe (API v1) also keeps a failure of its own (500) and repeats it for
/// the key, and it refuses a key whose parameters have changed, such as the end of a session. Nobody knows then whether it was
/// made. So `find` looks for it, and only when it is not there it is made under a second key. There is no third one: after
/// two failures whoever wants it has to come again, which repeats these same steps and makes no second thing either.
///
/// # Errors
/// [`Trouble`]
pub(super) async fn once<T: DeserializeOwned>(
    api: &Api,
    ask: &Ask,
    key: &str,
    find: impl Future<Output = Result<Option<T>, Trouble>>,
) -> Result<T, Trouble> {
    let why = match api.ask(ask, Some(key)).await {
        Err(Fault::Spent(why)) => why,
        other => return Ok(other?),
    };
    if let Some(found) = find.await? {
        tracing::info!(key, why, "Stripe had made what it seemed to have failed to make");
        return Ok(found);
    }
    tracing::warn!(key, why, "Stripe has not made what it was asked for: it is asked again under a second key");
    Ok(api.ask(ask, Some(&format!("{key}-2"))).await?)
}
