//! What OpenAI's chat completion says, in the words of `generateContent`.

use super::{
    contents::{self, Context},
    schema,
};
use crate::provider::{
    Fault,
    translate::request::{Request, ResponseFormat, ToolChoice},
};
use serde_json::{Map, Value, json};

/// The native request. What it cannot say is added to `dropped`. Errors name the field.
pub(super) async fn native(
    request: &Request,
    context: &Context<'_>,
    dropped: &mut Vec<String>,
) -> Result<Value, Fault> {
    let (system, turns) = contents::native(request, context, dropped).await?;
    let mut body = Map::new();
    body.insert("contents".to_owned(), turns.into());
    if !system.is_empty() {
        body.insert("systemInstruction".to_owned(), json!({"parts": system}));
    }
    tools(request, &mut body, dropped)?;
    let mut config = Map::new();
    settings(request, &mut config)?;
    output(request, &mut config);
    thinking(request, context.model, &mut config);
    extras(request, &mut body, &mut config);
    if !config.is_empty() {
        body.insert("generationConfig".to_owned(), config.into());
    }
    Ok(Value::Object(body))
}

fn tools(request: &Request, body: &mut Map<String, Value>, dropped: &mut Vec<String>) -> Result<(), Fault> {
    let functions = request.functions()?;
    if functions.is_empty() {
        return Ok(());
    }
    if functions.iter().any(|(function, _)| function.strict == Some(true)) {
        dropped.push("tools.strict".to_owned());
    }
    if functions.iter().any(|(_, mark)| mark.is_some()) && !dropped.iter().any(|d| d == "messages.cache_control") {
        dropped.push("messages.cache_control".to_owned());
    }
    let declarations: Vec<Value> = functions
        .into_iter()
        .map(|(function, _)| {
            let mut declaration = json!({"name": function.name});
            if let Some(description) = &function.description {
                declaration["description"] = description.clone().into();
            }
            if let Some(parameters) = function.parameters.as_ref().and_then(schema::parameters) {
                declaration["parameters"] = parameters;
            }
            declaration
        })
        .collect();
    body.insert("tools".to_owned(), json!([{"functionDeclarations": declarations}]));
    let config = match request.choice()? {
        None => return Ok(()),
        Some(ToolChoice::Auto) => json!({"mode": "AUTO"}),
        Some(ToolChoice::None) => json!({"mode": "NONE"}),
        Some(ToolChoice::Required) => json!({"mode": "ANY"}),
        Some(ToolChoice::Function(name)) => json!({"mode": "ANY", "allowedFunctionNames": [name]}),
    };
    body.insert("toolConfig".to_owned(), json!({"functionCallingConfig": config}));
    Ok(())
}

fn settings(request: &Request, config: &mut Map<String, Value>) -> Result<(), Fault> {
    let numbers = [
        ("temperature", &request.temperature),
        ("topP", &request.top_p),
        ("seed", &request.seed),
        ("presencePenalty", &request.presence_penalty),
        ("frequencyPenalty", &request.frequency_penalty),
    ];
    for (name, number) in numbers {
        if let Some(number) = number {
            config.insert(name.to_owned(), number.clone().into());
        }
    }
    for (name, number) in [("maxOutputTokens", request.max_output()), ("candidateCount", request.n)] {
        if let Some(number) = number {
            config.insert(name.to_owned(), number.into());
        }
    }
    if !request.stop.is_empty() {
        config.insert("stopSequences".to_owned(), request.stop.clone().into());
    }
    if request.logprobs == Some(true) {
        config.insert("responseLogprobs".to_owned(), true.into());
        if let Some(top) = request.top_logprobs {
            config.insert("logprobs".to_owned(), top.into());
        }
    }
    if let Some(wanted) = request.rest.get("modalities").and_then(Value::as_array) {
        let mut modalities = Vec::new();
        for one in wanted {
            match one.as_str() {
                Some("text") => modalities.push("TEXT"),
                Some("image") => modalities.push("IMAGE"),
                _ => return Err(Fault::unsupported("modalities", "must be text or image for this provider")),
            }
        }
        config.insert("responseModalities".to_owned(), modalities.into());
    }
    Ok(())
}

fn output(request: &Request, config: &mut Map<String, Value>) {
    let json = "application/json";
    match &request.response_format {
        Some(ResponseFormat::JsonObject) => drop(config.insert("responseMimeType".to_owned(), json.into())),
        Some(ResponseFormat::JsonSchema { json_schema }) => {
            config.insert("responseMimeType".to_owned(), json.into());
            if let Some(schema) = json_schema.schema.as_ref().and_then(schema::parameters) {
                config.insert("responseSchema".to_owned(), schema);
            }
        }
        Some(ResponseFormat::Text) | None => {}
    }
}

/// Models before the third generation think within a budget, later ones at a level, which cannot be nothing.
fn thinking(request: &Request, model: &str, config: &mut Map<String, Value>) {
    let Some(effort) = request.reasoning_effort.as_deref() else { return };
    let thinking = if contents::signs_calls(model) {
        let level = match effort {
            "none" | "minimal" => "MINIMAL",
            "low" => "LOW",
            "medium" => "MEDIUM",
            _ => "HIGH",
        };
        json!({"thinkingLevel": level, "includeThoughts": true})
    } else {
        match effort {
            "none" => json!({"thinkingBudget": 0}),
            "minimal" | "low" => json!({"thinkingBudget": 1_024, "includeThoughts": true}),
            "medium" => json!({"thinkingBudget": 8_192, "includeThoughts": true}),
            _ => json!({"thinkingBudget": 24_576, "includeThoughts": true}),
        }
    };
    config.insert("thinkingConfig".to_owned(), thinking);
}

/// What Google's own OpenAI face takes beside OpenAI's fields: `extra_body.google`, and settings of this API.
fn extras(request: &Request, body: &mut Map<String, Value>, config: &mut Map<String, Value>) {
    if let Some(top_k) = request.rest.get("top_k").filter(|v| !v.is_null()) {
        config.insert("topK".to_owned(), top_k.clone());
    }
    let google = &request.rest.get("extra_body").unwrap_or(&Value::Null)["google"];
    if let Some(thinking) = google.get("thinking_config") {
        config.insert("thinkingConfig".to_owned(), thinking.clone());
    }
    for (from, to) in [("cached_content", "cachedContent"), ("safety_settings", "safetySettings")] {
        if let Some(value) = google.get(from) {
            body.insert(to.to_owned(), value.clone());
        }
    }
}
