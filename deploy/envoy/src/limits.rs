//! How many requests pass: counted here, or by a service that counts for all Envoys.

use crate::{
    cluster::RATE_LIMITS,
    options::Rate,
    plan::Plan,
    v3::{
        Extension, Typed,
        core::{EnvoyGrpc, GrpcService, HeaderValueOption, RuntimeFractionalPercent, Span},
        filter::{
            DescriptorEntry, GlobalRateLimit, LocalDescriptor, LocalRateLimit, RateLimitService, TokenBucket, off,
        },
        route::{MaskedRemoteAddress, RateLimit, RateLimitAction},
    },
};
use std::collections::BTreeMap;

const LOCAL: &str = "envoy.filters.http.local_ratelimit";
const GLOBAL: &str = "envoy.filters.http.ratelimit";
/// Addresses that are counted at once. The oldest are forgotten: who has so many addresses needs the total.
const ADDRESSES: u32 = 100_000;

/// Counted by this Envoy. None unless asked for.
pub(crate) fn local(plan: &Plan<'_>) -> Option<Extension> {
    let (total, address) = (plan.options.rate_total, plan.options.rate_address);
    if total.is_none() && address.is_none() {
        return None;
    }
    let by_address = RateLimit { actions: vec![address_action()] };
    let each = |rate: Rate| {
        // Without a value: a bucket for each that comes.
        let entries = vec![DescriptorEntry { key: "masked_remote_address" }];
        vec![LocalDescriptor { entries, token_bucket: bucket(rate) }]
    };
    let wait = address.or(total).map_or(1, |rate| rate.seconds.div_ceil(u64::from(rate.count)).max(1));
    Some(
        Typed::LocalRateLimit(LocalRateLimit {
            stat_prefix: "perpetuo",
            // Where only addresses are counted there is no total that matters.
            token_bucket: bucket(total.unwrap_or(Rate { count: u32::MAX, seconds: 1 })),
            filter_enabled: RuntimeFractionalPercent::all(),
            filter_enforced: RuntimeFractionalPercent::all(),
            response_headers_to_add: vec![HeaderValueOption::set("retry-after", wait.to_string())],
            always_consume_default_token_bucket: true,
            rate_limits: address.map(|_| vec![by_address]),
            descriptors: address.map(each),
            max_dynamic_descriptors: address.map(|_| ADDRESSES),
        })
        .into(),
    )
}

/// Counted elsewhere. None unless asked for.
pub(crate) fn global(plan: &Plan<'_>) -> Option<Extension> {
    plan.options.rate_service.as_ref()?;
    let grpc_service = GrpcService { envoy_grpc: EnvoyGrpc { cluster_name: RATE_LIMITS }, timeout: None };
    Some(
        Typed::GlobalRateLimit(GlobalRateLimit {
            domain: "perpetuo",
            failure_mode_deny: plan.options.rate_closed.unwrap_or(false),
            timeout: Span::millis(50),
            enable_x_ratelimit_headers: "DRAFT_VERSION_03",
            rate_limit_service: RateLimitService { grpc_service, transport_api_version: "V3" },
        })
        .into(),
    )
}

/// What a rate-limit service is told of a request: whose address, and which group of routes. No credential leaves.
pub(crate) fn told(plan: &Plan<'_>, group: &str) -> Option<Vec<RateLimit>> {
    plan.options.rate_service.as_ref()?;
    let group = crate::v3::route::GenericKey { descriptor_key: "group", descriptor_value: group.to_owned() };
    let address = address_action();
    Some(vec![
        RateLimit { actions: vec![address.clone()] },
        RateLimit {
            actions: vec![address, RateLimitAction { generic_key: Some(group), ..RateLimitAction::default() }],
        },
    ])
}

/// For routes that are not counted: probes say the truth at any load.
pub(crate) fn none(plan: &Plan<'_>) -> Option<BTreeMap<&'static str, Typed>> {
    let on = [(LOCAL, local(plan).is_some()), (GLOBAL, plan.options.rate_service.is_some())];
    let off: BTreeMap<_, _> = on.into_iter().filter(|(_, on)| *on).map(|(name, _)| (name, off())).collect();
    (!off.is_empty()).then_some(off)
}

fn address_action() -> RateLimitAction {
    // As the services count: a client has a whole /64 of IPv6 to itself, and would have as many buckets.
    let network = MaskedRemoteAddress { v4_prefix_mask_len: 32, v6_prefix_mask_len: 64 };
    RateLimitAction { masked_remote_address: Some(network), ..RateLimitAction::default() }
}

fn bucket(rate: Rate) -> TokenBucket {
    TokenBucket { max_tokens: rate.count, tokens_per_fill: rate.count, fill_interval: Span::seconds(rate.seconds) }
}
