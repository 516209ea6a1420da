//! The contract between Perpetuo's services, and the one crate that everyone may use.
//!
//! `perpetuo/<service>/v1/*.proto` declares each service once. From it come its messages, the trait that an
//! implementation provides ([`identity::Service`]) and the handle that callers hold ([`identity::Identity`]), which
//! is the same whether the service runs in this process or in another.
//!
//! What does not belong here: anything with a socket, a file, a database, a clock or a configuration.

mod call;
pub mod entitlement;
mod failure;
pub mod guardrails;
pub mod id;
pub mod impersonation;
pub mod limits;
pub mod money;
pub mod page;
mod permission;
mod platform;
pub mod provider;
mod redacted;
mod role;
pub mod routing;
pub mod rpc;
pub mod time;
pub mod trace;

pub use call::{Call, Principal};
pub use failure::{Failure, Reason};
pub use impersonation::Impersonation;
pub use page::{Page, PageToken};
pub use permission::{Permission, Scopes};
pub use platform::PlatformRole;
pub use role::Role;

/// Generated messages, nested as their packages are.
#[expect(
    missing_docs,
    clippy::allow_attributes_without_reason,
    clippy::allow_attributes,
    reason = "the comments of the protos are their documentation"
)]
pub(crate) mod pb {
    pub mod billing {
        pub mod v1 {
            include!(concat!(env!("OUT_DIR"), "/perpetuo.billing.v1.rs"));
        }
    }
    pub mod engine {
        pub mod v1 {
            include!(concat!(env!("OUT_DIR"), "/perpetuo.engine.v1.rs"));
        }
    }
    pub mod feed {
        pub mod v1 {
            include!(concat!(env!("OUT_DIR"), "/perpetuo.feed.v1.rs"));
        }
    }
    pub mod gateway {
        pub mod v1 {
            include!(concat!(env!("OUT_DIR"), "/perpetuo.gateway.v1.rs"));
        }
    }
    pub mod guardrails {
        pub mod v1 {
            include!(concat!(env!("OUT_DIR"), "/perpetuo.guardrails.v1.rs"));
        }
    }
    pub mod identity {
        pub mod v1 {
            include!(concat!(env!("OUT_DIR"), "/perpetuo.identity.v1.rs"));
        }
    }
    pub mod limits {
        pub mod v1 {
            include!(concat!(env!("OUT_DIR"), "/perpetuo.limits.v1.rs"));
        }
    }
    pub mod routing {
        pub mod v1 {
            include!(concat!(env!("OUT_DIR"), "/perpetuo.routing.v1.rs"));
        }
    }
    pub mod usage {
        pub mod v1 {
            include!(concat!(env!("OUT_DIR"), "/perpetuo.usage.v1.rs"));
        }
    }
    pub mod workspace {
        pub mod v1 {
            include!(concat!(env!("OUT_DIR"), "/perpetuo.workspace.v1.rs"));
        }
    }
}
/// `Debug` of messages that hold secrets.
mod debug {
    include!(concat!(env!("OUT_DIR"), "/redact.rs"));
}

pub use pb::{
    billing::v1 as billing, engine::v1 as engine, feed::v1 as feed, gateway::v1 as gateway, identity::v1 as identity,
    usage::v1 as usage, workspace::v1 as workspace,
};

/// The compiled protos with their comments, for reflection and transcoding.
pub const DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptor.bin"));

/// Every rpc of every service.
pub fn rpcs() -> impl Iterator<Item = &'static rpc::Rpc> {
    [identity::RPCS, workspace::RPCS, gateway::RPCS, usage::RPCS, billing::RPCS, engine::RPCS].into_iter().flatten()
}
