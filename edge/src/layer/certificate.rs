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
    let line = line.to_str().unwrap_or_default();
    let last = parts(line, ',').pop().unwrap_or_default();
    parts(last, ';').into_iter().filter_map(|pair| pair.trim().split_once('=')).any(|(key, value)| {
        key.eq_ignore_ascii_case("hash") && value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// The parts between separators; those in quotation marks separate nothing (a subject is `"CN=efi,O=Efi S.A."`).
fn parts(text: &str, separator: char) -> Vec<&str> {
    let (mut quoted, mut escaped, mut from, mut parts) = (false, false, 0, vec![]);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if c == separator && !quoted => {
                parts.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
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
        let subject = r#"Subject="CN=efi \"x\", a;Hash=0,O=Efi S.A.,C=BR""#;
        assert!(verified(&[&format!("{hash};{subject}")]) && verified(&[&format!("By=x,{subject};{hash}")]));
        assert!(!verified(&[&format!(r#"Subject="CN=x,{hash}""#)]), "what a certificate says of itself");
        assert!(!verified(&[&format!("{hash},By=x")]), "the proxy next to us has seen none");
    }
}
