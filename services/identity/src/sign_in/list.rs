//! Whose accounts are taken here? Answers `ListSignInProviders`.

use crate::Parts;
use proto::identity as pb;

/// In the order of the configuration.
pub(crate) fn list(parts: &Parts) -> pb::ListSignInProvidersResponse {
    let show = |provider: &std::sync::Arc<super::provider::Provider>| pb::SignInProvider {
        name: provider.name.clone(),
        label: provider.label.clone(),
    };
    pb::ListSignInProvidersResponse { providers: parts.providers.all().iter().map(show).collect() }
}
