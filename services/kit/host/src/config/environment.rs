//! Which variables of the environment are settings?

use super::Secret;

const PREFIX: &str = "PERPETUO__";

/// Names that other programs use for the same things.
const WELL_KNOWN: &[(&str, &str)] = &[
    ("DATABASE_URL", "database.url"),
    ("REDIS_URL", "redis.url"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "telemetry.otlp_endpoint"),
    ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "telemetry.otlp_traces_endpoint"),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "telemetry.otlp_protocol"),
    // The more particular one is the stronger one.
    ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "telemetry.otlp_protocol"),
    ("OTEL_TRACES_SAMPLER", "telemetry.sampler"),
    ("OTEL_TRACES_SAMPLER_ARG", "telemetry.trace_share"),
    ("OTEL_SERVICE_NAME", "telemetry.service_name"),
    ("OTEL_SDK_DISABLED", "telemetry.traces_disabled"),
];

/// Variables and their values.
#[derive(Clone, Debug, Default)]
pub struct Variables(Vec<(String, Secret)>);

/// The environment of the process. Variables that are not Unicode are not ours.
pub fn environment() -> Variables {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

impl<N: Into<String>, V: Into<Secret>> FromIterator<(N, V)> for Variables {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl Variables {
    /// The value of a variable that is no setting, such as `NO_COLOR`. An empty one counts as unset.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.expose()).filter(|v| !v.is_empty())
    }

    /// Name, path and text of each setting, well-known names first: ours are stronger.
    pub(super) fn settings(&self) -> impl Iterator<Item = (&str, String, &str)> {
        let known = WELL_KNOWN.iter().filter_map(|(name, path)| Some((*name, (*path).to_owned(), self.get(name)?)));
        let ours = self.0.iter().filter_map(|(name, value)| {
            let path = name.strip_prefix(PREFIX)?.to_lowercase().replace("__", ".");
            Some((name.as_str(), path, value.expose())).filter(|(_, _, text)| !text.is_empty())
        });
        known.chain(ours)
    }
}
