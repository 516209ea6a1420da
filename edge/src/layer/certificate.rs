//! Whether a proxy has verified a client's certificate.

use http::{HeaderMap, HeaderName};

/// What Envoy says of the certificate (XFCC). From others than trusted proxies it does not reach a handler.
pub(crate) const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-client-cert");

/// Whether the trusted proxy names the certificate of whoever called it: by its hash, which a proxy writes of what it has
/// verified, and not of a header that it has passed on.
pub(crate) fn is_verified(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(FORWARDED).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else { return false };
    // Several elements are several hops: the last is what the proxy next to us has seen.
    let last = line.to_str().unwrap_or_default().rsplit(',').next().unwrap_or_default();
    last.split(';').filter_map(|pair| pair.trim().split_once('=')).any(|(key, value)| {
        key.eq_ignore_ascii_case("hash") && value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verified(lines: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED, line.parse().unwrap());
        }
        is_verified(&headers)
    }

    #[test]
    fn only_a_hash_is_a_certificate() {
        let hash = format!("Hash={}", "ab".repeat(32));
        assert!(verified(&[&hash]) && verified(&[&format!("By=spiffe://x;{hash};Subject=\"CN=efi\"")]));
        for none in [&[][..], &[""], &["Hash="], &["Hash=abcd"], &["Subject=\"CN=efi\""], &[&hash, &hash]] {
            assert!(!verified(none), "{none:?}");
        }
        assert!(!verified(&[&format!("{hash},By=x")]), "the proxy next to us has seen none");
    }
}
