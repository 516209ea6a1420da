//! Plans for requests of a workspace with many providers.

use crate::{
    allowed::ANY,
    plan::{Choice, Taste},
    provider::{Provider, Surroundings},
    route::health::Healths,
};
use proto::{
    routing::{Alias, Fallback, Settings, Target},
    workspace::OpenProvider,
};
use std::sync::Arc;
use uuid::Uuid;

/// A workspace that is planned for.
pub struct Plans {
    providers: Vec<Arc<Provider>>,
    settings: Settings,
    healths: Healths,
}

impl Plans {
    /// So many providers, each with ten models of its own and one that all have; an alias of each of them, and a fallback.
    #[must_use]
    pub fn of(providers: usize) -> Self {
        let clock = host::Clock::system();
        let guard = egress::Guard::new(&egress::Config::default(), false, vec![]);
        let client = egress::Client::new(guard, egress::Purpose::Provider);
        let surroundings = Surroundings::new(client, clock.clone(), host::Ids::new(clock));
        let open = |n: usize| {
            let models = (0..10).map(|model| format!("model-{n}-{model}")).chain(["shared".to_owned()]).collect();
            let settings = OpenProvider {
                id: format!("prov_{n}"),
                provider: "openai".to_owned(),
                name: format!("provider-{n}"),
                base_url: "https://provider.example.com/v1".to_owned(),
                priority: i32::try_from(n % 3).unwrap_or(0),
                weight: 1,
                models,
                ..OpenProvider::default()
            };
            Provider::open(settings, &surroundings).map(Arc::new)
        };
        let target = |n: usize| Target { model: format!("model-{n}-0"), weight: Some(1), ..Target::default() };
        let alias = Alias { targets: (0..providers).map(target).collect(), ..Alias::default() };
        let settings = Settings {
            aliases: [("virtual".to_owned(), alias)].into(),
            fallbacks: [("shared".to_owned(), Fallback { models: vec!["model-0-1".to_owned()] })].into(),
            ..Settings::default()
        };
        Self { providers: (0..providers).filter_map(open).collect(), settings, healths: Healths::new() }
    }

    /// How many attempts a request for this model may make. `chance` shares among equals.
    #[must_use]
    pub fn plan(&self, model: &str, chance: u128) -> usize {
        let Self { providers, settings, healths } = self;
        let choice =
            Choice { providers, platform: &[], locked: &[], simulator: None, settings, healths, allowed: &ANY };
        choice.plan(model, &Taste::plain(&self.healths), Uuid::from_u128(chance)).map_or(0, |planned| planned.len())
    }
}
