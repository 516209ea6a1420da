//! envoy.extensions.transport_sockets.tls.v3

use super::core::{ConfigSource, DataSource, WatchedDirectory};

message!(DownstreamTlsContext { common_tls_context: CommonTlsContext, require_client_certificate: bool });
message!(UpstreamTlsContext { common_tls_context: CommonTlsContext; sni: String, auto_host_sni: bool, auto_sni_san_validation: bool });
message!(QuicDownstreamTransport { downstream_tls_context: DownstreamTlsContext });
message!(CommonTlsContext {
    tls_params: TlsParameters,
    alpn_protocols: Vec<&'static str>;
    tls_certificates: Vec<TlsCertificate>,
    tls_certificate_sds_secret_configs: Vec<SdsSecretConfig>,
    validation_context: CertificateValidationContext,
    validation_context_sds_secret_config: SdsSecretConfig,
});
message!(TlsParameters { tls_minimum_protocol_version: &'static str, tls_maximum_protocol_version: &'static str });
message!(TlsCertificate { certificate_chain: DataSource, private_key: DataSource; watched_directory: WatchedDirectory });
message!(CertificateValidationContext { trusted_ca: DataSource; watched_directory: WatchedDirectory });
message!(SdsSecretConfig { name: &'static str, sds_config: ConfigSource });
message!(Secret { name: &'static str; tls_certificate: TlsCertificate, validation_context: CertificateValidationContext });

impl TlsParameters {
    /// No version that is known to be broken.
    pub(crate) const MODERN: Self =
        Self { tls_minimum_protocol_version: "TLSv1_2", tls_maximum_protocol_version: "TLSv1_3" };
}
