//! Headers that nobody may send from outside.

use crate::{
    plan::Plan,
    v3::{
        Extension, Typed,
        core::StringMatcher,
        http::{EarlyHeaderMutation, HeaderMutation, RemoveOnMatch},
    },
};

/// What Perpetuo's processes say to each other, and what Envoy says to itself.
const PREFIXES: &[&str] = &["x-call-", "x-peer-", "x-envoy-", "x-client-cert-"];
/// What proxies say of clients. Envoy writes those that the edge reads; the others would be a client's own claims.
const FORWARDED: &[&str] = &[
    "forwarded",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-server",
    "x-real-ip",
    "x-original-url",
    "x-rewrite-url",
    "true-client-ip",
    "cf-connecting-ip",
];
/// These too, where no trusted proxy is in front of Envoy.
const OF_TRUSTED_HOPS: &[&str] = &["x-forwarded-for", "x-forwarded-proto"];

/// Before anything reads them: routes, limits and spans see what is left.
pub(crate) fn sanitised(plan: &Plan<'_>) -> Extension {
    let prefixes = PREFIXES.iter().map(|prefix| {
        let key_matcher = StringMatcher { prefix: Some(prefix), ..StringMatcher::default() };
        HeaderMutation { remove_on_match: Some(RemoveOnMatch { key_matcher }), ..HeaderMutation::default() }
    });
    let has_hops = plan.options.trusted_hops.unwrap_or(0) > 0;
    let of_hops = OF_TRUSTED_HOPS.iter().filter(|_| !has_hops);
    let names =
        FORWARDED.iter().chain(of_hops).map(|name| HeaderMutation { remove: Some(name), ..HeaderMutation::default() });
    Typed::EarlyHeaderMutation(EarlyHeaderMutation { mutations: prefixes.chain(names).collect() }).into()
}
