//! Azure OpenAI: OpenAI's chat completions and embeddings under another address, with the key in another header. The client's bytes go
//! through untouched.
//!
//! The model is the name of a deployment. With the option `api_version` the address is the one that has the deployment in
//! its path; without it the one without versions, `…/openai/v1`.

use super::{
    Ask, Dialect, Fault, Kind, Listed, Opened, Surroundings, Upstream, http,
    http::Http,
    openai::{List, listed},
};
use crate::{
    config::Timers,
    operation::Operation,
    wire::splice::{Changes, splice},
};
use ::http::{HeaderName, Uri};
use proto::workspace::OpenProvider;
use serde::Deserialize;

struct Azure {
    http: Http,
    /// `https://<resource>.openai.azure.com/openai`.
    base: String,
    models: Uri,
    options: Options,
}

/// Settings of this kind: the provider's `options`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Options {
    /// A dated version of the API, such as `2024-10-21`.
    api_version: Option<String>,
    /// The credential is a token of Microsoft Entra ID, not a key.
    entra: bool,
}

pub(super) fn open(kind: &'static Kind, settings: &OpenProvider, surroundings: &Surroundings) -> Opened {
    let options: Options = http::options(settings)?;
    let base = http::base_url(kind, settings)?.trim_end_matches('/');
    // People copy the address of the resource, of the API, or of one deployment.
    let base = base.split("/openai").next().unwrap_or(base);
    let base = format!("{base}/openai");
    let key = HeaderName::from_static("api-key");
    let credential =
        if options.entra { http::bearer(&settings.api_key)? } else { http::secret(key, &settings.api_key)? };
    let models = match &options.api_version {
        Some(version) => http::endpoint(&format!("{base}?api-version={version}"), &["models"])?,
        None => http::endpoint(&base, &["v1", "models"])?,
    };
    Ok(Box::new(Azure { http: Http::new(surroundings).credential(credential), base, models, options }))
}

impl Azure {
    fn address(&self, operation: Operation, deployment: &str) -> Result<Uri, Fault> {
        let path = operation.path();
        let address = match &self.options.api_version {
            Some(version) => {
                let base = format!("{}?api-version={version}", self.base);
                http::endpoint(&base, &[&["deployments", deployment], path].concat())
            }
            None => http::endpoint(&self.base, &[&["v1"], path].concat()),
        };
        address.map_err(|_| Fault::invalid("model", "is no name that a deployment could have"))
    }
}

#[tonic::async_trait]
impl Dialect for Azure {
    async fn chat(&self, ask: Ask<'_>) -> Result<Upstream, Fault> {
        self.call(Operation::Chat, ask).await
    }

    fn takes(&self, operation: Operation, _: &str) -> bool {
        matches!(operation, Operation::Chat | Operation::Embeddings)
    }

    async fn call(&self, operation: Operation, ask: Ask<'_>) -> Result<Upstream, Fault> {
        let changes = Changes {
            model: (ask.model != ask.peek.model).then_some(ask.model),
            include_usage: operation == Operation::Chat && ask.peek.stream && !ask.peek.include_usage,
        };
        let body = splice(ask.body, ask.peek, changes);
        let upstream = self.http.post(&self.address(operation, ask.model)?, body, &ask).await?;
        Ok(Upstream { spliced_usage: changes.include_usage, ..upstream })
    }

    async fn models(&self, timers: Timers) -> Result<Vec<Listed>, Fault> {
        self.http.list::<List>(&self.models, timers).await.map(listed)
    }
}
