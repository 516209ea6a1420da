//! The parts of Envoy's API v3 that are used here, named as there, so that its reference explains them:
//! <https://www.envoyproxy.io/docs/envoy/latest/api-v3/api>.

/// A message: fields before the semicolon are always written, those behind it only where they are set.
macro_rules! message {
    ($name:ident { $($always:ident: $kind:ty),* $(,)? $(; $($sometimes:ident: $optional:ty),* $(,)?)? }) => {
        #[derive(Clone, Debug, Default, serde::Serialize)]
        pub(crate) struct $name {
            $(pub(crate) $always: $kind,)*
            $($(#[serde(skip_serializing_if = "Option::is_none")] pub(crate) $sometimes: Option<$optional>,)*)?
        }
    };
}

pub(crate) mod bootstrap;
pub(crate) mod cluster;
pub(crate) mod core;
pub(crate) mod filter;
pub(crate) mod http;
pub(crate) mod listener;
pub(crate) mod log;
pub(crate) mod route;
pub(crate) mod tls;
mod typed;

pub(crate) use typed::{Extension, Resource, Typed};
