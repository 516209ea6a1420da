//! Every order in which a provider can tell what has happened: 40,320 for eight notifications, each with any of them twice and any
//! of them lost. The adapters, the service and its database are the real ones; Stripe and Efí are the fakes of the other suites.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod all;
#[path = "../billing/bank.rs"]
#[expect(dead_code, reason = "the house has one, and this suite needs other providers")]
mod bank;
#[path = "../efi/fake.rs"]
#[expect(dead_code, reason = "faults and what else only the suite of the adapter needs")]
mod efi;
mod explore;
#[path = "../billing/house.rs"]
#[expect(dead_code, unused_imports, reason = "what only the suite of the service needs")]
mod house;
#[path = "../billing/post.rs"]
#[expect(dead_code, reason = "the house has a letter box, and nobody looks into it here")]
mod post;
mod sample;
mod stages;
mod state;
#[path = "../stripe/fake.rs"]
#[expect(dead_code, reason = "faults and what else only the suite of the adapter needs")]
mod stripe;
