//! When are providers of the platform asked, which charges for them?

use super::Candidate;
use proto::routing::PlatformUse;

/// The workspace's own ones come first, whatever the priorities: they are paid already. What one of them serves does not become
/// a charge because it failed, unless the workspace wants that. Whoever is asked for by name keeps its place.
pub(super) fn put_last(planned: &mut Vec<Candidate>, wish: PlatformUse) {
    match wish {
        PlatformUse::Fallback => planned.sort_by_key(|candidate| candidate.is_reserve),
        PlatformUse::Unspecified | PlatformUse::WithoutOwn => {
            if planned.iter().any(|candidate| !candidate.provider.is_platform()) {
                planned.retain(|candidate| !candidate.is_reserve);
            }
        }
        PlatformUse::Off => planned.retain(|candidate| !candidate.provider.is_platform()),
    }
}
