//! Writes the table of provider kinds: one row for each file in `providers/`, named after it.

use std::{collections::BTreeMap, error::Error, fs, path::Path};

use serde::Deserialize;

/// Fields of a chat completion, in the order in which they are documented. With a dot: within the one before it.
const FIELDS: &[&str] = &[
    "messages.system",
    "messages.developer",
    "messages.name",
    "messages.image_url",
    "messages.input_audio",
    "messages.file",
    "messages.tool_calls",
    "messages.tool",
    "messages.reasoning_content",
    "messages.cache_control",
    "max_tokens",
    "max_completion_tokens",
    "temperature",
    "top_p",
    "n",
    "stop",
    "seed",
    "frequency_penalty",
    "presence_penalty",
    "logit_bias",
    "logprobs",
    "top_logprobs",
    "response_format.json_object",
    "response_format.json_schema",
    "tools",
    "tools.strict",
    "tool_choice",
    "parallel_tool_calls",
    "functions",
    "function_call",
    "reasoning_effort",
    "verbosity",
    "modalities",
    "audio",
    "prediction",
    "web_search_options",
    "user",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "metadata",
    "store",
    "service_tier",
];
const HOWS: &[&str] = &["Passed", "Mapped", "Emulated", "Dropped", "Refused"];

/// One file. What may be left out has the value that most kinds have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    dialect: String,
    #[serde(default)]
    base_url: Option<String>,
    #[serde(default)]
    example_url: Option<String>,
    #[serde(default = "yes")]
    takes_key: bool,
    #[serde(default)]
    free: bool,
    #[serde(default)]
    own_models: bool,
    /// Field → `how`, or `how: note`. Without it every field passes, known or not.
    #[serde(default)]
    fields: Option<BTreeMap<String, String>>,
    #[serde(default)]
    also: Vec<String>,
}

const fn yes() -> bool {
    true
}

/// The table as Rust source. Errors name the file.
pub fn table(folder: &Path) -> Result<String, Box<dyn Error>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "json") {
            names.push(path.file_stem().and_then(|s| s.to_str()).ok_or("a name that is no text")?.to_owned());
        }
    }
    names.sort();
    let mut out =
        format!("/// Fields of a chat completion that a client may send.\npub static FIELDS: &[&str] = &{FIELDS:?};\n");
    out.push_str("/// Every kind of provider, by name.\npub static ALL: &[Kind] = &[\n");
    for name in names {
        let path = folder.join(format!("{name}.json"));
        let file: File =
            serde_json::from_str(&fs::read_to_string(&path)?).map_err(|e| format!("{}: {e}", path.display()))?;
        let address = match (&file.base_url, &file.example_url) {
            (Some(url), None) => format!("Address::Usual({url:?})"),
            (None, Some(url)) => format!("Address::Own({url:?})"),
            (None, None) => "Address::None".to_owned(),
            (Some(_), Some(_)) => return Err(format!("{}: one of base_url and example_url", path.display()).into()),
        };
        let fields = fields(&file).map_err(|problem| format!("{}: {problem}", path.display()))?;
        out.push_str(&format!(
            "    Kind {{ name: {name:?}, title: {:?}, dialect: {:?}, address: {address}, takes_key: {}, free: {}, \
             own_models: {}, fields: &[{fields}], also: &{:?}, passes_unknown: {} }},\n",
            file.title,
            file.dialect,
            file.takes_key,
            file.free,
            file.own_models,
            file.also,
            file.fields.as_ref().is_none_or(|fields| fields.contains_key("*"))
        ));
    }
    out.push_str("];\n");
    Ok(out)
}

/// The rows of a kind's fields. Errors: a field that is not known, or one about which nothing is said.
fn fields(file: &File) -> Result<String, String> {
    let Some(said) = &file.fields else { return Ok(String::new()) };
    if let Some(unknown) = said.keys().find(|name| *name != "*" && !FIELDS.contains(&name.as_str())) {
        return Err(format!("{unknown:?} is no field"));
    }
    let mut rows = String::new();
    for name in FIELDS {
        // What a star says, it says of all others.
        let Some(text) = said.get(*name).or_else(|| said.get("*")) else {
            return Err(format!("it does not say what becomes of {name:?}"));
        };
        let (how, note) = text.split_once(": ").unwrap_or((text, ""));
        let how = HOWS.iter().find(|known| known.eq_ignore_ascii_case(how)).ok_or(format!("{name}: {how:?}?"))?;
        rows.push_str(&format!("Field {{ name: {name:?}, how: How::{how}, note: {note:?} }}, "));
    }
    Ok(rows)
}
