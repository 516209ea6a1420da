//! The kinds of provider that a workspace may add, as a table.

/// What a kind of provider takes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// The name in `provider`, and the prefix in `<kind>/<model>`.
    pub(crate) name: &'static str,
    /// Where it is called unless the provider says otherwise; none: it has no address.
    pub(crate) base_url: Option<&'static str>,
    /// Whether it takes a credential. It is never required: servers on one's own machine need none.
    pub(crate) takes_key: bool,
}

const TABLE: &[Kind] = &[
    // Any server that speaks OpenAI's API.
    Kind { name: "openai", base_url: Some("https://api.openai.com/v1"), takes_key: true },
    // Built in: answers without a network.
    Kind { name: "simulator", base_url: None, takes_key: false },
];

/// The kind of this name, or what the field must be instead.
pub(crate) fn find(name: &str) -> Result<&'static Kind, String> {
    TABLE.iter().find(|kind| kind.name == name).ok_or_else(|| {
        let names: Vec<_> = TABLE.iter().map(|kind| kind.name).collect();
        format!("must be one of: {}", names.join(", "))
    })
}
