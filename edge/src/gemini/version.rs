//! Which version do Google's clients mean? Theirs say `v1beta` or `v1`, and `/v1/models` is OpenAI's here: a request is
//! Google's if it brings its key as only their clients do.

use crate::auth::X_GOOG_API_KEY;
use http::{
    HeaderMap, Uri,
    header::AUTHORIZATION,
    uri::{Parts, PathAndQuery},
};

/// Where such a request is answered, if that is not where it was sent.
pub(crate) fn moved(uri: &Uri, headers: &HeaderMap) -> Option<Uri> {
    let rest = uri.path_and_query()?.as_str().strip_prefix("/v1/models")?;
    let is_whole = rest.is_empty() || rest.starts_with(['/', '?', ':']);
    if !is_whole || !headers.contains_key(X_GOOG_API_KEY) || headers.contains_key(AUTHORIZATION) {
        return None;
    }
    let mut parts = Parts::from(uri.clone());
    parts.path_and_query = Some(PathAndQuery::try_from(format!("/v1beta/models{rest}")).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(path: &str, headers: &[(http::HeaderName, &'static str)]) -> Option<String> {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        moved(&path.parse().unwrap(), &headers).map(|uri| uri.to_string())
    }

    #[test]
    fn only_googles_clients_are_led_to_googles_surface() {
        let google = [(X_GOOG_API_KEY, "pk_1")];
        let moved = |path| asked(path, &google);
        let path = "/v1/models/simulator/chat:streamGenerateContent?alt=sse";
        assert_eq!(moved(path).as_deref(), Some("/v1beta/models/simulator/chat:streamGenerateContent?alt=sse"));
        assert_eq!(moved("/v1/models").as_deref(), Some("/v1beta/models"));
        for other in ["/v1/modelsx", "/v1/chat/completions", "/v1beta/models", "/models"] {
            assert_eq!(moved(other), None, "{other}");
        }
        assert_eq!(asked("/v1/models", &[]), None);
        assert_eq!(asked("/v1/models", &[(X_GOOG_API_KEY, "pk_1"), (AUTHORIZATION, "Bearer pk_1")]), None);
    }
}
