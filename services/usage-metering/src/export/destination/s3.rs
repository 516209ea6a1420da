//! A bucket of an S3-compatible storage.

use super::Credential;
use crate::Error;
use egress::{Guard, Purpose};
use object_store::path::Path;
use proto::usage::S3Destination;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

const REGION: &str = "us-east-1";
const LONGEST_PREFIX: usize = 512;
/// The end of an access key id that is shown.
const HINT: usize = 4;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct S3 {
    /// Empty: AWS in the region.
    pub endpoint: String,
    pub region: String,
    pub bucket: String,
    pub prefix: String,
    pub access_key_hint: String,
    /// Whether the bucket is in the path instead of the host.
    pub path_style: bool,
}

impl S3 {
    /// Errors: [`Error::Destination`].
    pub fn parse(guard: &Guard, wanted: S3Destination) -> Result<(Self, Credential), Error> {
        let S3Destination { endpoint, region, bucket, prefix, .. } = wanted;
        check_endpoint(guard, &endpoint)?;
        let region = if region.is_empty() { REGION.to_owned() } else { region };
        let is_region = region.len() <= 64 && region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        require(is_region, "destination.region", "must be the name of a region, such as eu-west-1")?;
        require(is_bucket(&bucket), "destination.bucket", BUCKET)?;
        let key = format!("{prefix}file");
        let is_prefix = prefix.len() <= LONGEST_PREFIX && Path::parse(&key).is_ok_and(|path| path.as_ref() == key);
        require(is_prefix, "destination.prefix", PREFIX)?;
        let is_key = |key: &str, most| (1..=most).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
        require(is_key(&wanted.access_key_id, 128), "destination.access_key_id", KEY)?;
        require(is_key(&wanted.secret_access_key, 256), "destination.secret_access_key", KEY)?;
        let (access_key_id, secret_access_key) = (wanted.access_key_id, wanted.secret_access_key);
        let hint = access_key_id.len().saturating_sub(HINT).max(access_key_id.len() / 2);
        let s3 = Self {
            // A name with dots is no single label of a certificate's name.
            path_style: wanted.path_style.unwrap_or(!endpoint.is_empty() || bucket.contains('.')),
            endpoint,
            region,
            bucket,
            prefix,
            access_key_hint: format!("…{}", &access_key_id[hint..]),
        };
        Ok((s3, Credential { access_key_id, secret_access_key }))
    }

    /// Where the storage is, and the bucket in it. None: AWS knows by region and bucket.
    pub fn url(&self) -> Option<String> {
        let mut url = Url::parse(&self.endpoint).ok()?;
        if !self.path_style {
            let host = format!("{}.{}", self.bucket, url.host_str()?);
            url.set_host(Some(&host)).ok()?;
        }
        Some(url.as_str().trim_end_matches('/').to_owned())
    }
}

const BUCKET: &str = "must be the name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens";
const PREFIX: &str = "must be at most 512 bytes without empty parts, `.` or `..`, such as perpetuo/exports/";
const KEY: &str = "must be given, without spaces";

fn require(holds: bool, field: &'static str, problem: &str) -> Result<(), Error> {
    if holds { Ok(()) } else { Err(Error::Destination { field, problem: problem.to_owned() }) }
}

fn check_endpoint(guard: &Guard, endpoint: &str) -> Result<(), Error> {
    let refused = |problem: String| Error::Destination { field: "destination.endpoint", problem };
    if endpoint.is_empty() {
        return Ok(());
    }
    let malformed = "must be a URL such as https://storage.example.com, without query and fragment";
    let url = Url::parse(endpoint).map_err(|_| refused(malformed.to_owned()))?;
    if url.query().is_some() || url.fragment().is_some() || endpoint.len() > 512 {
        return Err(refused(malformed.to_owned()));
    }
    guard.check_url(&url, Purpose::Export).map_err(|why| refused(format!("cannot be used: {why}")))
}

fn is_bucket(name: &str) -> bool {
    let of_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-';
    let at_ends = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    (3..=63).contains(&name.len())
        && name.bytes().all(of_name)
        && at_ends(name.bytes().next())
        && at_ends(name.bytes().last())
        && !name.contains("..")
        && !matches!(Host::parse(name), Ok(Host::Ipv4(_)))
}

impl From<S3> for S3Destination {
    fn from(s3: S3) -> Self {
        Self {
            endpoint: s3.endpoint,
            region: s3.region,
            bucket: s3.bucket,
            prefix: s3.prefix,
            access_key_hint: s3.access_key_hint,
            path_style: Some(s3.path_style),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> S3Destination {
        S3Destination {
            bucket: "reports".into(),
            access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
            secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
            ..S3Destination::default()
        }
    }

    fn parse(wanted: S3Destination) -> Result<S3, &'static str> {
        let guard = Guard::new(&egress::Config::default(), false, vec![]);
        S3::parse(&guard, wanted).map(|(s3, _)| s3).map_err(|error| match error {
            Error::Destination { field, .. } => field,
            other => panic!("{other}"),
        })
    }

    #[test]
    fn aws_is_where_nothing_else_is_said() {
        let s3 = parse(wanted()).unwrap();
        assert_eq!((s3.url(), s3.region.as_str(), s3.path_style), (None, "us-east-1", false));
        assert_eq!(s3.access_key_hint, "…MPLE", "the end of it, and no more");
        let dotted = parse(S3Destination { bucket: "my.reports".into(), ..wanted() }).unwrap();
        assert!(dotted.path_style, "no certificate is for two labels");
    }

    #[test]
    fn a_storage_of_ones_own_has_the_bucket_in_its_path_unless_told_otherwise() {
        let own = S3Destination { endpoint: "https://storage.example.com/s3/".into(), ..wanted() };
        assert_eq!(parse(own.clone()).unwrap().url().unwrap(), "https://storage.example.com/s3");
        let hosted = S3Destination { path_style: Some(false), ..own };
        assert_eq!(parse(hosted).unwrap().url().unwrap(), "https://reports.storage.example.com/s3");
    }

    #[test]
    fn what_is_no_bucket_or_may_not_be_called_is_refused_by_its_field() {
        for bucket in ["", "ab", "Reports", "a_b_c", "-abc", "abc.", "a..b", "192.168.1.1", &"a".repeat(64)] {
            let refused = parse(S3Destination { bucket: bucket.into(), ..wanted() });
            assert_eq!(refused, Err("destination.bucket"), "{bucket}");
        }
        for endpoint in
            ["storage", "ftp://a.example", "https://a.example/?x=1", "http://169.254.169.254", "http://127.0.0.1:9000"]
        {
            let refused = parse(S3Destination { endpoint: endpoint.into(), ..wanted() });
            assert_eq!(refused, Err("destination.endpoint"), "{endpoint}");
        }
        for prefix in ["/a/", "a//b/", "../", "a/./b/", &"a".repeat(513), "a\n/"] {
            let refused = parse(S3Destination { prefix: prefix.into(), ..wanted() });
            assert_eq!(refused, Err("destination.prefix"), "{prefix}");
        }
        for prefix in ["", "a/", "a/b/", "name-"] {
            parse(S3Destination { prefix: prefix.into(), ..wanted() }).unwrap();
        }
        assert_eq!(parse(S3Destination { region: "a b".into(), ..wanted() }), Err("destination.region"));
        let no_secret = S3Destination { secret_access_key: String::new(), ..wanted() };
        assert_eq!(parse(no_secret), Err("destination.secret_access_key"));
    }
}
