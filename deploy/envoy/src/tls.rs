//! TLS: whose certificate is shown, whose is asked for, and the files from which Envoy learns of new ones.

use crate::{
    plan::Plan,
    v3::{
        Extension, Resource, Typed,
        core::{ConfigSource, DataSource, WatchedDirectory},
        tls::{
            CertificateValidationContext, CommonTlsContext, DownstreamTlsContext, QuicDownstreamTransport,
            SdsSecretConfig, Secret, TlsCertificate, TlsParameters, UpstreamTlsContext,
        },
    },
    written::Names,
};
use std::path::Path;

/// Secrets by the name under which Envoy asks for them.
const SERVER: &str = "server_certificate";
const EFI: &str = "efi_authorities";
const UPSTREAM: &str = "upstream_certificate";
const AUTHORITIES: &str = "upstream_authorities";

/// Where files stand beside the configuration, as Envoy sees them. Without such a place certificates are named in the
/// configuration itself, and read once.
pub(crate) struct Files(pub(crate) Option<Names>);

impl Files {
    pub(crate) const fn is_known(&self) -> bool {
        self.0.is_some()
    }
}

/// The secrets that the plan needs, each for a file of its own.
pub(crate) fn secrets(plan: &Plan<'_>) -> Vec<(&'static str, Resource)> {
    let options = plan.options;
    let mut found = vec![];
    if let (Some(certificate), Some(key)) = (&options.certificate, &options.key) {
        found.push((SERVER, certificate_secret(SERVER, certificate, key)));
    }
    if let Some(ca) = options.efi_ca.as_ref().filter(|_| plan.efi.is_some()) {
        found.push((EFI, authorities_secret(EFI, ca)));
    }
    if let (Some(certificate), Some(key)) = (&options.upstream_certificate, &options.upstream_key) {
        found.push((UPSTREAM, certificate_secret(UPSTREAM, certificate, key)));
    }
    if let Some(ca) = &options.upstream_ca {
        found.push((AUTHORITIES, authorities_secret(AUTHORITIES, ca)));
    }
    found
}

/// What clients of a listener over TCP see.
pub(crate) fn downstream(plan: &Plan<'_>) -> Extension {
    Typed::DownstreamTls(context(plan, &["h2", "http/1.1"])).into()
}

/// The same over UDP.
pub(crate) fn quic(plan: &Plan<'_>) -> Extension {
    let mut context = context(plan, &["h3"]);
    context.common_tls_context.tls_params.tls_minimum_protocol_version = "TLSv1_3";
    Typed::Quic(QuicDownstreamTransport { downstream_tls_context: context }).into()
}

/// What Efí sees: nothing, unless it shows a certificate of its own.
pub(crate) fn mutual(plan: &Plan<'_>) -> Extension {
    let mut context = context(plan, &["h2", "http/1.1"]);
    context.require_client_certificate = true;
    let ca = plan.options.efi_ca.as_deref().unwrap_or_default();
    trust(&mut context.common_tls_context, plan, EFI, ca);
    Typed::DownstreamTls(context).into()
}

/// How Envoy speaks to a service with TLS: it knows whom it calls, and shows who it is.
pub(crate) fn upstream(plan: &Plan<'_>) -> Extension {
    let options = plan.options;
    let mut common =
        CommonTlsContext { tls_params: TlsParameters::MODERN, alpn_protocols: vec!["h2"], ..Default::default() };
    if let (Some(certificate), Some(key)) = (&options.upstream_certificate, &options.upstream_key) {
        show(&mut common, plan, UPSTREAM, certificate, key);
    }
    trust(&mut common, plan, AUTHORITIES, options.upstream_ca.as_deref().unwrap_or_default());
    // The name that was called must be in the certificate.
    let (name, checked) = (Some(true), Some(true));
    let context = UpstreamTlsContext {
        common_tls_context: common,
        auto_host_sni: name,
        auto_sni_san_validation: checked,
        sni: None,
    };
    Typed::UpstreamTls(context).into()
}

fn context(plan: &Plan<'_>, alpn: &[&'static str]) -> DownstreamTlsContext {
    let mut common =
        CommonTlsContext { tls_params: TlsParameters::MODERN, alpn_protocols: alpn.to_vec(), ..Default::default() };
    if let (Some(certificate), Some(key)) = (&plan.options.certificate, &plan.options.key) {
        show(&mut common, plan, SERVER, certificate, key);
    }
    DownstreamTlsContext { common_tls_context: common, require_client_certificate: false }
}

fn show(common: &mut CommonTlsContext, plan: &Plan<'_>, name: &'static str, certificate: &str, key: &str) {
    match &plan.files.0 {
        Some(names) => common.tls_certificate_sds_secret_configs = Some(vec![secret(names, name)]),
        None => common.tls_certificates = Some(vec![pair(certificate, key)]),
    }
}

fn trust(common: &mut CommonTlsContext, plan: &Plan<'_>, name: &'static str, ca: &str) {
    match &plan.files.0 {
        Some(names) => common.validation_context_sds_secret_config = Some(secret(names, name)),
        None => common.validation_context = Some(authorities(ca)),
    }
}

fn secret(names: &Names, name: &'static str) -> SdsSecretConfig {
    SdsSecretConfig { name, sds_config: ConfigSource::file(names.seen(name)) }
}

fn pair(certificate: &str, key: &str) -> TlsCertificate {
    TlsCertificate { certificate_chain: file(certificate), private_key: file(key), watched_directory: None }
}

fn authorities(ca: &str) -> CertificateValidationContext {
    CertificateValidationContext { trusted_ca: file(ca), watched_directory: None }
}

fn certificate_secret(name: &'static str, certificate: &str, key: &str) -> Resource {
    let pair = TlsCertificate { watched_directory: Some(folder(certificate)), ..pair(certificate, key) };
    Resource::Secret(Secret { name, tls_certificate: Some(pair), validation_context: None })
}

fn authorities_secret(name: &'static str, ca: &str) -> Resource {
    let context = CertificateValidationContext { watched_directory: Some(folder(ca)), ..authorities(ca) };
    Resource::Secret(Secret { name, tls_certificate: None, validation_context: Some(context) })
}

fn file(path: &str) -> DataSource {
    DataSource { filename: Some(path.to_owned()), ..DataSource::default() }
}

fn folder(path: &str) -> WatchedDirectory {
    let parent = Path::new(path).parent().map(|parent| parent.display().to_string());
    WatchedDirectory { path: parent.filter(|parent| !parent.is_empty()).unwrap_or_else(|| ".".to_owned()) }
}
