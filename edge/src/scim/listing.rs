//! Which resources are asked for, in an address or in a body (RFC 7644, 3.4.2 and 3.4.3)?

use super::{
    body::Document,
    error,
    filter::{self, Filter, Narrow},
    select::Select,
    shape::Shape,
};
use proto::Failure;
use scim_v2::schema_urns;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

/// How many are shown at once, at most.
pub(super) const MOST: i64 = 200;
const DEFAULT: i64 = 100;

/// What an address may say. Whatever else it says is passed over: Microsoft Entra adds words of its own, and nothing is sorted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Asked {
    /// Only those that it means (RFC 7644, 3.4.2.2): `userName eq "ana@acme.example"`.
    filter: Option<String>,
    /// Which is the first that is shown, from 1 on.
    start_index: Option<i64>,
    /// How many are shown, at most 200. Default: 100.
    count: Option<i64>,
    /// Only these attributes, with commas between them.
    attributes: Option<String>,
    /// All attributes but these.
    excluded_attributes: Option<String>,
}

/// Which of the attributes of one resource.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Shown {
    /// Only these attributes, with commas between them.
    attributes: Option<String>,
    /// All attributes but these.
    excluded_attributes: Option<String>,
}

/// The same, read.
pub(super) struct Listing {
    pub(super) filter: Option<Filter>,
    /// How many are passed over.
    pub(super) offset: i64,
    pub(super) count: i64,
    pub(super) select: Select,
}

/// A page of resources.
pub(super) struct Page {
    pub(super) resources: Vec<Value>,
    pub(super) total: i64,
}

impl Shown {
    pub(super) fn read(self) -> Result<Select, Failure> {
        Select::new(&self.attributes.unwrap_or_default(), &self.excluded_attributes.unwrap_or_default())
    }
}

impl Asked {
    pub(super) fn read(self) -> Result<Listing, Failure> {
        let filter = self.filter.filter(|text| !text.trim().is_empty());
        Ok(Listing {
            filter: filter.as_deref().map(filter::parse).transpose()?,
            // What is out of bounds is the bound (RFC 7644, table 6).
            offset: self.start_index.unwrap_or(1).max(1) - 1,
            count: self.count.unwrap_or(DEFAULT).clamp(0, MOST),
            select: Select::new(&self.attributes.unwrap_or_default(), &self.excluded_attributes.unwrap_or_default())?,
        })
    }

    /// The same, asked in a body. Errors: `invalidValue`, `invalidFilter`.
    pub(super) fn of(document: &Document) -> Result<Self, Failure> {
        document.is_of(schema_urns::SEARCH_REQUEST)?;
        let names = |name: &str| -> Option<String> {
            let all = document.0[name].as_array()?;
            Some(all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","))
        };
        let number = |name: &str| match &document.0[name] {
            Value::Null => Ok(None),
            value => value.as_i64().map(Some).ok_or_else(|| error::value(name, "must be a whole number")),
        };
        let filter = match &document.0["filter"] {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            _ => return Err(error::filter("filter must be a text")),
        };
        Ok(Self {
            filter,
            start_index: number("startIndex")?,
            count: number("count")?,
            attributes: names("attributes"),
            excluded_attributes: names("excludedAttributes"),
        })
    }
}

impl Listing {
    /// What can be looked up of it.
    pub(super) fn narrow(&self, shape: &Shape) -> Narrow {
        let all = Narrow { is_all: true, ..Narrow::default() };
        self.filter.as_ref().map_or(all, |filter| filter::narrow(filter, shape))
    }

    /// Whether it means a resource. Errors: `invalidFilter`.
    pub(super) fn means(&self, resource: &Value, shape: &Shape) -> Result<bool, Failure> {
        self.filter.as_ref().map_or(Ok(true), |filter| filter::means(filter, resource, shape))
    }

    /// The page of all that it means.
    pub(super) fn cut(&self, all: Vec<Value>) -> Page {
        let (total, offset) =
            (i64::try_from(all.len()).unwrap_or(i64::MAX), usize::try_from(self.offset).unwrap_or(usize::MAX));
        let count = usize::try_from(self.count).unwrap_or_default();
        Page { resources: all.into_iter().skip(offset).take(count).collect(), total }
    }

    /// The document of a page.
    pub(super) fn document(&self, page: &Page) -> Value {
        json!({
            "schemas": [schema_urns::LIST_RESPONSE],
            "totalResults": page.total,
            "startIndex": self.offset + 1,
            "itemsPerPage": page.resources.len(),
            "Resources": page.resources.iter().map(|resource| self.select.of(resource)).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(start_index: Option<i64>, count: Option<i64>) -> (i64, i64) {
        let listing = Asked { start_index, count, ..Asked::default() }.read().expect("is taken");
        (listing.offset, listing.count)
    }

    #[test]
    fn pages_are_counted_from_one_and_never_refused() {
        assert_eq!(read(None, None), (0, DEFAULT));
        assert_eq!(read(Some(-3), Some(-1)), (0, 0));
        assert_eq!(read(Some(0), Some(1_000_000)), (0, MOST));
        assert_eq!(read(Some(i64::MAX), Some(1)), (i64::MAX - 1, 1));
    }

    #[test]
    fn a_page_says_which_of_how_many_it_is() {
        let listing = Asked { start_index: Some(2), count: Some(2), ..Asked::default() }.read().expect("is taken");
        let page = listing.cut((1..=5).map(|n| json!({ "id": n })).collect());
        let document = listing.document(&page);
        assert_eq!((&document["totalResults"], &document["startIndex"]), (&json!(5), &json!(2)));
        assert_eq!(document["Resources"], json!([{"id": 2}, {"id": 3}]));
        assert_eq!(document["itemsPerPage"], 2);
    }

    #[test]
    fn a_body_asks_as_an_address_does() {
        let document = Document(json!({
            "schemas": [schema_urns::SEARCH_REQUEST], "filter": "active eq true", "count": 5, "attributes": ["userName"],
        }));
        let listing = Asked::of(&document).and_then(Asked::read).expect("is taken");
        assert_eq!((listing.count, listing.select), (5, Select::Only(vec!["username".to_owned()])));
        assert!(listing.filter.is_some());
        let wrong = Document(json!({"schemas": [schema_urns::SEARCH_REQUEST], "count": "many"}));
        assert!(Asked::of(&wrong).is_err());
    }
}
