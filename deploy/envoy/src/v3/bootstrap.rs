//! envoy.config.bootstrap.v3

use super::{
    Extension,
    cluster::Cluster,
    core::{Address, ConfigSource, Node, Span},
    listener::Listener,
};

message!(Bootstrap {
    node: Node;
    admin: Admin,
    static_resources: StaticResources,
    dynamic_resources: DynamicResources,
    overload_manager: OverloadManager,
});
message!(Admin { address: Address });
message!(StaticResources { listeners: Vec<Listener>, clusters: Vec<Cluster> });
message!(DynamicResources { lds_config: ConfigSource, cds_config: ConfigSource });
message!(OverloadManager { refresh_interval: Span, resource_monitors: Vec<Extension>, actions: Vec<OverloadAction> });
message!(OverloadAction { name: &'static str, triggers: Vec<Trigger> });
message!(Trigger { name: &'static str, threshold: Threshold });
message!(Threshold { value: f64 });
message!(DownstreamConnections { max_active_downstream_connections: u64 });
message!(FixedHeap { max_heap_size_bytes: u64 });
