//! A gateway with one model, which answers as a board would: from the request, always the same, and with the faults that a
//! test asks for. Like the real one it gives the answer of an idempotency key again without asking the model.

use futures::{StreamExt as _, stream};
use proto::{
    Call, Reason,
    gateway::{
        CompleteForExecutionRequest, CompleteRequest, CompleteResponse, DeleteResponseRequest, DeleteResponseResponse,
        DryRunRoutingRequest, DryRunRoutingResponse, GetLimitsRequest, GetLimitsResponse, GetModelRequest,
        GetModelResponse, GetResponseRequest, GetResponseResponse, Head, ListModelsRequest, ListModelsResponse,
        ListResponseInputRequest, ListResponseInputResponse, Service, TestPlatformProviderRequest,
        TestPlatformProviderResponse, TestProviderRequest, TestProviderResponse, complete_response::Part,
    },
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};
use tokio::sync::Notify;
use tonic::{Status, codegen::BoxStream};

/// What the model does instead of answering well.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Writes this.
    Text(String),
    /// Is cut off after half of it.
    Cut,
    /// Thinks until there is no room left, and has written nothing.
    Thinks,
    /// The call fails for this reason.
    Fails(Reason),
    /// Refuses the request with a 400.
    Refuses,
    /// Breaks off without an end.
    BreaksOff,
}

/// What the model was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `<schema>.<role>`, and what tells several apart: `opinion.financial`, `wording.chair.summary`.
    pub label: String,
    pub key: String,
    pub token: String,
    pub body: Value,
    pub data: Value,
}

#[derive(Default)]
pub struct Board {
    /// Calls that reached the model.
    pub asked: Mutex<Vec<Asked>>,
    /// Answers by idempotency key.
    kept: Mutex<BTreeMap<String, (Value, String)>>,
    /// Faults by label; the first of a list comes first.
    pub faults: Mutex<BTreeMap<String, Vec<Fault>>>,
    /// Every call waits here once so many have come; 0: none does.
    pub stop_before: AtomicUsize,
    /// As `stop_before`, but the model has answered, and the answer is kept.
    pub stop_after: AtomicUsize,
    /// Somebody waits.
    pub stopped: Notify,
    released: Notify,
    calls: AtomicUsize,
}

impl Board {
    /// As if nobody had asked anything yet.
    pub fn reset(&self) {
        self.asked.lock().unwrap().clear();
        self.faults.lock().unwrap().clear();
        self.calls.store(0, SeqCst);
    }

    pub fn labels(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|asked| asked.label.clone()).collect()
    }

    pub fn fault(&self, label: &str, faults: &[Fault]) {
        self.faults.lock().unwrap().insert(label.to_owned(), faults.to_vec());
    }

    fn next_fault(&self, label: &str) -> Option<Fault> {
        let mut faults = self.faults.lock().unwrap();
        let list = faults.get_mut(label)?;
        (!list.is_empty()).then(|| list.remove(0))
    }

    async fn pause(&self, at: &AtomicUsize, number: usize) {
        let stop = at.load(SeqCst);
        if stop != 0 && number >= stop {
            let released = self.released.notified();
            self.stopped.notify_one();
            released.await;
        }
    }

    /// Whoever waits goes on.
    pub fn release(&self) {
        self.stop_before.store(0, SeqCst);
        self.stop_after.store(0, SeqCst);
        self.released.notify_waiters();
    }

    async fn answer(&self, call: &Call, request: CompleteForExecutionRequest) -> Result<Vec<String>, Status> {
        let body: Value = serde_json::from_slice(&request.request.unwrap_or_default().body).expect("JSON");
        let key = call.idempotency_key.as_deref().expect("every call has a key").to_owned();
        assert!(call.workspace.is_none() && call.scopes.names().is_empty(), "the engine knows nobody");
        if let Some((asked, text)) = self.kept.lock().unwrap().get(&key) {
            assert_eq!(asked, &body, "the same key is the same request");
            return Ok(events(text, "stop"));
        }
        let asked = read(&body, key.clone(), request.budget_token);
        assert_eq!(asked.token, "bt_scripted", "what pays for it is passed on as it is");
        let label = asked.label.clone();
        let number = self.calls.fetch_add(1, SeqCst) + 1;
        self.pause(&self.stop_before, number).await;
        let fault = self.next_fault(&label);
        // From here to where the answer is kept nothing waits: a process that is killed has its answer, or was never asked.
        self.asked.lock().unwrap().push(asked.clone());
        let good = say(&asked).to_string();
        let (text, reason) = match fault {
            None => (good, "stop"),
            Some(Fault::Text(text)) => (text, "stop"),
            Some(Fault::Thinks) => (String::new(), "length"),
            Some(Fault::Cut) => (good[..good.len() / 2].to_owned(), "length"),
            Some(Fault::Fails(reason)) => return Err(reason.with("as scripted").into()),
            Some(Fault::Refuses) => return Ok(vec!["400".to_owned()]),
            Some(Fault::BreaksOff) => return Ok(vec![events(&good, "stop").remove(0)]),
        };
        if reason == "stop" {
            self.kept.lock().unwrap().insert(key, (body, text.clone()));
        }
        self.pause(&self.stop_after, number).await;
        Ok(events(&text, reason))
    }
}

fn read(body: &Value, key: String, token: String) -> Asked {
    let messages = body["messages"].as_array().expect("messages");
    let asked = messages.iter().find(|m| m["role"] == "user").expect("a question");
    let text = asked["content"].as_str().expect("text");
    let fenced = text.split("```json\n").nth(1).and_then(|rest| rest.split("\n```").next()).expect("fenced data");
    let data: Value = serde_json::from_str(fenced).expect("data");
    let schema = body["response_format"]["json_schema"]["name"].as_str().map_or_else(
        || {
            let told = messages[0]["content"].as_str().expect("text");
            if told.contains("\"claims\"") { "opinion" } else { "other" }.to_owned()
        },
        str::to_owned,
    );
    let mut label = format!("{schema}.{}", data["role"].as_str().expect("a role"));
    for part in ["document", "sample"] {
        match &data[part] {
            Value::String(text) => label = format!("{label}.{text}"),
            Value::Number(n) if n.as_i64() > Some(1) => label = format!("{label}.{n}"),
            _ => {}
        }
    }
    Asked { label, key, token, body: body.clone(), data }
}

fn events(text: &str, reason: &str) -> Vec<String> {
    let chunk = |delta: Value, reason: Value| {
        format!("data: {}\n\n", json!({"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}))
    };
    let usage = json!({"choices": [], "usage": {"prompt_tokens": 400, "completion_tokens": text.len() / 4}});
    vec![
        chunk(json!({"content": text}), Value::Null),
        chunk(json!({}), json!(reason)),
        format!("data: {usage}\n\ndata: [DONE]\n\n"),
    ]
}

/// What a board says: agents see the same facts, and do not agree.
fn say(asked: &Asked) -> Value {
    let data = &asked.data;
    let role = data["role"].as_str().unwrap_or_default();
    match asked.label.split('.').next().unwrap_or_default() {
        "frame" => json!({
            "facts": [{"key": "churn", "value": 6, "unit": "percent", "period": "month", "quote": "6% of customers leave"}],
            "constraints": [], "topics": ["churn"],
            "missing": [{"key": "cac", "question": "What does a new customer cost?"}],
        }),
        "opinion" => opinion(role, data),
        "judge" => json!({"verdicts": []}),
        "ballot" => json!({"votes": votes(role, data)}),
        "turn" => {
            let turns: Vec<Value> = data["contested"].as_array().into_iter().flatten().map(|contested| json!({
                "conflict": contested["conflict"], "action": "maintain", "new_evidence": null, "revised_low": null,
                "revised_point": null, "revised_high": null, "text": "The facts have not changed since my opinion.",
            })).collect();
            json!({"turns": turns, "votes": votes(role, data)})
        }
        "review" => {
            json!({"findings": [{"severity": "warning", "text": "The effect on churn rests on an assumption."}]})
        }
        _ => json!({"paragraphs": ["The board decided with what it knew, and every number is in its place."]}),
    }
}

fn opinion(role: &str, data: &Value) -> Value {
    let cash = data["brief"]["facts"].as_array().into_iter().flatten().find(|fact| fact["key"] == "cash");
    let cash = cash.map_or(100_000.0, |fact| fact["value"].as_f64().unwrap_or_default());
    let (direction, cost) = if role == "financial" { ("decrease", 0.0) } else { ("increase", cash / 10.0) };
    let claim = |metric: &str, point: f64, unit: &str| {
        json!({
            "kind": "metric", "topic": metric, "metric": metric, "low": point * 0.95, "point": point, "high": point * 1.05,
            "unit": unit, "period": "now", "trend": "flat",
            "statement": format!("The {metric} of the company is what the {role} has seen in its own books."),
            "evidence_kind": "general", "evidence_ref": "", "evidence_quote": null, "confidence": 0.8,
        })
    };
    let nps = if role == "financial" { 20.0 } else { 60.0 };
    json!({
        "stance": "support",
        "headline": format!("The {role} sees customers leaving and wants to act on it now."),
        "claims": [claim("nps", nps, "score")],
        "recommendations": [
            {
                "topic": "marketing", "lever": "marketing_spend", "direction": direction, "cost_low": cost,
                "cost_high": cost * 1.2, "start_day": 0, "end_day": 60, "owner": "CMO", "depends_on": [],
                "effect_metric": "new_customers", "effect_low": 1, "effect_high": 5, "effect_days": 90,
                "reversibility": "two_way", "priority": "should",
                "statement": format!("The {role} would change what is spent on marketing this quarter."),
            },
            {
                "topic": "churn", "lever": "retention_program", "direction": "start", "cost_low": cash / 20.0,
                "cost_high": cash / 10.0, "start_day": 7, "end_day": 90, "owner": "CCO", "depends_on": [],
                "effect_metric": "churn", "effect_low": -2, "effect_high": -1, "effect_days": 120,
                "reversibility": "two_way", "priority": "must",
                "statement": "Start a programme that keeps the customers who are about to leave.",
            },
        ],
        "assumptions": assumptions(data),
        "risks": [{
            "statement": "Customers leave before the programme works.", "probability": 3, "impact": 4,
            "mitigation": "Call the largest of them first.", "trigger": "Two large customers give notice.", "owner": "CCO",
        }],
        "unknowns": ["Why customers leave."],
        "confidence": 0.7,
    })
}

/// What nobody has said has to be assumed.
fn assumptions(data: &Value) -> Value {
    let mut all =
        vec![json!({"key": "gross_margin", "value": 70, "unit": "percent", "statement": "Margins stay as they are."})];
    if data["brief"]["unknown"].as_array().is_some_and(|unknown| unknown.iter().any(|one| one["key"] == "cac")) {
        all.push(json!({"key": "cac", "value": 800, "unit": "money", "statement": "As others of its kind pay."}));
    }
    all.into()
}

fn votes(role: &str, data: &Value) -> Vec<Value> {
    let vote = |choice: &Value| {
        let is_growth = choice["lever"] == "marketing_spend" && choice["direction"] == "increase";
        json!({
            "choice": choice["id"], "approve": (role == "financial") != is_growth || choice["lever"] == "retention_program",
            "confidence": 0.8, "reason": format!("The {role} weighs what it costs against what it brings."),
            "would_change_if": "The numbers of the next month say otherwise.",
        })
    };
    data["choices"].as_array().into_iter().flatten().map(vote).collect()
}

/// The service around it.
pub struct Gate(pub Arc<Board>);

fn part(part: Part) -> Result<CompleteResponse, Status> {
    Ok(CompleteResponse { part: Some(part) })
}

#[tonic::async_trait]
impl Service for Gate {
    async fn complete_for_execution(
        &self,
        call: &Call,
        request: CompleteForExecutionRequest,
    ) -> Result<BoxStream<CompleteResponse>, Status> {
        let events = self.0.answer(call, request).await?;
        if events == ["400"] {
            let refusal = json!({"error": {"message": "response_format is not supported"}}).to_string();
            let head = Head { status: 400, content_type: "application/json".to_owned(), ..Head::default() };
            return Ok(stream::iter([part(Part::Head(head)), part(Part::Data(refusal.into()))]).boxed());
        }
        let head = Head { status: 200, content_type: "text/event-stream".to_owned(), ..Head::default() };
        let data = events.into_iter().map(|event| part(Part::Data(event.into())));
        Ok(stream::iter([part(Part::Head(head))].into_iter().chain(data)).boxed())
    }
    async fn complete(&self, _: &Call, _: CompleteRequest) -> Result<BoxStream<CompleteResponse>, Status> {
        unreachable!("the engine calls models with a budget")
    }
    async fn list_models(&self, _: &Call, _: ListModelsRequest) -> Result<ListModelsResponse, Status> {
        unreachable!()
    }
    async fn get_model(&self, _: &Call, _: GetModelRequest) -> Result<GetModelResponse, Status> {
        unreachable!()
    }
    async fn get_response(&self, _: &Call, _: GetResponseRequest) -> Result<GetResponseResponse, Status> {
        unreachable!()
    }
    async fn list_response_input(
        &self,
        _: &Call,
        _: ListResponseInputRequest,
    ) -> Result<ListResponseInputResponse, Status> {
        unreachable!()
    }
    async fn delete_response(&self, _: &Call, _: DeleteResponseRequest) -> Result<DeleteResponseResponse, Status> {
        unreachable!()
    }
    async fn test_provider(&self, _: &Call, _: TestProviderRequest) -> Result<TestProviderResponse, Status> {
        unreachable!()
    }
    async fn test_platform_provider(
        &self,
        _: &Call,
        _: TestPlatformProviderRequest,
    ) -> Result<TestPlatformProviderResponse, Status> {
        unreachable!()
    }
    async fn dry_run_routing(&self, _: &Call, _: DryRunRoutingRequest) -> Result<DryRunRoutingResponse, Status> {
        unreachable!()
    }
    async fn get_limits(&self, _: &Call, _: GetLimitsRequest) -> Result<GetLimitsResponse, Status> {
        unreachable!()
    }
}
