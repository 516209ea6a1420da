//! What is built, of what, and what goes out: as SECURITY.md says.

use crate::security::page::{self, Page, cells, read};
use std::collections::BTreeSet;

/// Sources that are built into the product.
pub(crate) fn shipped() -> Vec<(String, String)> {
    let ships = |path: &str| path.contains("/src/") && !path.starts_with("tests/") && !path.contains("/tests");
    let code = |text: String| text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
    let testing = |path: &str| path.contains("/testing");
    let all = crate::sources::all().into_iter().filter(|(path, _)| ships(path) && !testing(path));
    let all: Vec<_> = all.map(|(path, text)| (path, code(text))).collect();
    assert!(all.len() > 800, "{} files", all.len());
    all
}

/// Libraries that do something with secrets, among those that are used here or could be.
const CRYPTOGRAPHY: &[&str] = &[
    "aes",
    "aes-gcm",
    "aes-gcm-siv",
    "argon2",
    "aws-lc-rs",
    "bcrypt",
    "blake2",
    "blake3",
    "chacha20poly1305",
    "ecdsa",
    "ed25519-dalek",
    "hkdf",
    "hmac",
    "hyper-rustls",
    "jsonwebtoken",
    "md-5",
    "md5",
    "native-tls",
    "openidconnect",
    "openssl",
    "p12-keystore",
    "p256",
    "pbkdf2",
    "rand",
    "ring",
    "rsa",
    "rustls",
    "rustls-native-certs",
    "scrypt",
    "secrecy",
    "sha1",
    "sha2",
    "sha3",
    "subtle",
    "tokio-rustls",
    "totp-rs",
    "webauthn-rs",
    "x509-parser",
    "zeroize",
];

#[test]
fn every_library_of_cryptography_is_written_down() {
    let manifest = read("Cargo.toml");
    let section = manifest.split("[workspace.dependencies]").nth(1).and_then(|rest| rest.split("\n[").next());
    let names = section.expect("dependencies").lines().filter_map(|line| line.split_once(" = ").map(|(name, _)| name));
    let used: BTreeSet<_> = names.filter(|name| CRYPTOGRAPHY.contains(name)).map(str::to_owned).collect();
    let page = Page::section("Algorithms");
    let written: BTreeSet<_> = page.rows().flat_map(|row| cells(&row[2])).collect();
    assert_eq!(written, used);
    let bans = read("deny.toml");
    for banned in ["openssl-sys", "native-tls", "ring"] {
        assert!(bans.contains(&format!("name = \"{banned}\"")), "{banned}");
    }
}

#[test]
fn secrets_are_drawn_from_the_generator_of_the_system() {
    for (path, code) in shipped() {
        for weak in ["SmallRng", "StdRng", "seed_from_u64", "fastrand", "oorandom", "Xoshiro"] {
            assert!(!code.contains(weak), "{path} draws from {weak}");
        }
    }
    // An id says when it was made, and half of it is no secret.
    for place in [
        "services/identity/src/token/one_time.rs",
        "services/identity/src/token/refresh_token.rs",
        "services/identity/src/mfa/recovery.rs",
        "services/identity/src/mfa/totp.rs",
        "services/workspace/src/execution/token.rs",
        "services/workspace/src/webhook/secret.rs",
        "services/kit/host/src/door/key.rs",
    ] {
        let code = read(place);
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        assert!(code.contains("rand::") && !code.contains("ids.uuid()") && !code.contains("Uuid::new"), "{place}");
    }
}

#[test]
fn tls_is_of_its_two_newest_versions_with_forward_secrecy() {
    let versions: Vec<_> = rustls::ALL_VERSIONS.iter().map(|version| version.version).collect();
    assert_eq!(versions, [rustls::ProtocolVersion::TLSv1_3, rustls::ProtocolVersion::TLSv1_2]);
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let suites: Vec<_> = provider.cipher_suites.iter().map(|suite| format!("{:?}", suite.suite())).collect();
    assert!(suites.len() >= 6, "{suites:?}");
    for suite in &suites {
        let newest = suite.starts_with("TLS13_");
        assert!(newest || suite.starts_with("TLS_ECDHE_"), "{suite} has no forward secrecy");
        assert!(suite.contains("GCM") || suite.contains("CHACHA20_POLY1305"), "{suite} is not authenticated");
    }
    let first_older = suites.iter().position(|suite| !suite.starts_with("TLS13_")).expect("one of TLS 1.2");
    assert!(
        suites[first_older..].iter().all(|suite| !suite.starts_with("TLS13_")),
        "the newest come first: {suites:?}"
    );
    let groups: Vec<_> = provider.kx_groups.iter().map(|group| format!("{:?}", group.name())).collect();
    assert!(groups.iter().any(|group| group.contains("MLKEM")), "{groups:?}");
    let envoy = read("deploy/envoy/src/v3/tls.rs");
    assert!(envoy.contains("tls_minimum_protocol_version: \"TLSv1_2\""), "Envoy's listeners");
}

#[test]
fn nothing_weak_is_used_in_the_sources() {
    let weak = ["md5", "sha1", "des", "rc4", "ecb", "cbc", "pkcs1v15encrypt", "dangerous"];
    for (path, code) in shipped() {
        let imports = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in imports.filter(|line| line.trim_start().starts_with("use ") || line.contains("::")) {
            let mut words = line.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
            let found = words.find(|word| weak.contains(&word.as_str()));
            // Codes as every app makes them; and lettre's word for a builder that is told of TLS in the next line.
            let known = [("services/identity/src/mfa/totp.rs", "sha1"), ("services/kit/mail/src/smtp.rs", "dangerous")];
            let known = found.as_deref().is_some_and(|found| known.contains(&(path.as_str(), found)));
            assert!(known || found.is_none(), "{path}: {}", line.trim());
        }
    }
}

#[test]
fn no_secret_is_in_the_sources_or_goes_into_the_image() {
    let marks = [
        concat!("-----BEGIN ", "PRIVATE KEY"),
        concat!("-----BEGIN RSA ", "PRIVATE"),
        concat!("sk_", "live_"),
        concat!("AK", "IA"),
    ];
    let mut looked_at = shipped();
    for kind in ["yaml", "sh", "json", "conf"] {
        looked_at.extend(
            ["deploy", "k8s"].iter().flat_map(|top| page::files(top, kind)).map(|path| (path.clone(), read(&path))),
        );
    }
    for (path, text) in looked_at {
        let found = marks.iter().find(|mark| {
            text.split(*mark)
                .skip(1)
                .any(|rest| rest.len() > 16 && rest.is_ascii() && !rest.starts_with(['"', '…', '.']))
        });
        assert!(found.is_none(), "{path} holds {}", found.unwrap_or(&""));
    }
    // The build sees what is listed and nothing else, and the image has what was assembled.
    let ignored = read(".dockerignore");
    let lines: Vec<_> = ignored.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    assert_eq!(lines[0], "*");
    let seen = |line: &&&str| line.starts_with("!.git") || line.contains("data") || line.ends_with(".env");
    assert!(!lines.iter().any(|line| seen(&line)), "{lines:?}");
    let recipe = read("deploy/Dockerfile");
    let image = recipe.split("FROM ${RUNTIME_IMAGE} AS perpetuo").nth(1).expect("the image");
    let copied: Vec<_> = image.lines().filter(|line| line.starts_with("COPY") || line.starts_with("ADD")).collect();
    assert!(
        !copied.is_empty() && copied.iter().all(|line| line.contains("--from=build ") && line.contains(" /out/")),
        "{copied:?}"
    );
}

#[test]
fn components_have_times_in_which_they_are_mended() {
    let page = Page::section("Components");
    let days = |row: Vec<String>| row[1].strip_suffix(" days").and_then(|days| days.parse::<u32>().ok());
    let times: Vec<_> = page.rows().filter_map(days).collect();
    assert!(times.len() == 5 && times.is_sorted() && times[0] <= 7 && times[1] <= 30, "{times:?}");
}

#[test]
fn every_component_comes_from_the_registry_and_is_listed() {
    let lock = read("Cargo.lock");
    let mut seen = 0;
    for package in lock.split("[[package]]").skip(1) {
        let field = |name: &str| package.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
        let name = field("name").unwrap_or_default().trim_matches('"');
        match field("source") {
            None => assert!(name.starts_with("perpetuo-"), "{name} has no source"),
            Some(source) => {
                assert_eq!(source, "\"registry+https://github.com/rust-lang/crates.io-index\"", "{name}");
                assert!(field("checksum").is_some_and(|digest| digest.len() == 66), "{name} has no digest");
                seen += 1;
            }
        }
    }
    assert!(seen > 300, "{seen} components");
    let release = read(".github/workflows/release.yaml");
    assert!(
        release.contains("cosign attest --yes --type cyclonedx")
            && read("deploy/image/bom").contains("cargo cyclonedx")
    );
    let deny = read("deny.toml");
    assert!(deny.contains("unknown-registry = \"deny\"") && deny.contains("unknown-git = \"deny\""));
}

#[test]
fn a_release_asks_for_known_faults_first() {
    let release = read(".github/workflows/release.yaml");
    let (before, _) = release.split_once("\n  build:").expect("what is built");
    assert!(before.contains("cargo-deny --locked check advisories") || before.contains("cargo deny check advisories"));
    assert!(release.contains("\n  build:\n    needs: verify"), "nothing is built before");
    let deny = read("deny.toml");
    let advisories = deny.split("[advisories]").nth(1).expect("what counts").split("\n[").next().expect("a section");
    assert!(advisories.contains("yanked = \"deny\""), "{advisories}");
    for line in advisories.lines().filter(|line| line.trim_start().starts_with("{ id")) {
        assert!(line.contains("reason = "), "an exception without a reason: {line}");
    }
}

/// Who comes to a cluster without TLS is led to where there is some, and to nothing else.
#[test]
fn plain_http_from_outside_only_leads_to_https() {
    for path in ["k8s/components/gateway-api/http-route.yaml", "k8s/chart/perpetuo/templates/outside.yaml"] {
        let text = read(path);
        let plain: Vec<_> = text.split("\n---").filter(|thing| thing.contains("sectionName: http }")).collect();
        assert_eq!(plain.len(), 1, "{path}");
        assert!(plain[0].contains("requestRedirect: { scheme: https, statusCode: 308 }"), "{path}");
        assert!(!plain[0].contains("backendRefs"), "{path}");
    }
}
