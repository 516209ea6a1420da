//! What an execution is, from its creation to its report.

use crate::house::{House, on_both_databases};
use proto::engine::{CreateExecutionRequest, Depth, Part, Phase, RecordOutcomesRequest, RenderReportRequest};
use proto::{Reason, engine::ActualValue};
use serde_json::{Value, json};

on_both_databases!(
    an_analysis_of_each_depth_comes_to_a_report,
    events_are_numbered_without_gaps_and_progress_never_goes_back,
    the_same_id_is_the_same_execution,
    what_cannot_be_worked_on_is_refused_field_by_field,
    the_same_problem_gets_the_same_decision,
    forecasts_are_compared_with_what_happened,
    a_report_is_exported_in_every_format,
    fifty_at_once_all_come_to_their_end_and_who_watches_misses_nothing,
    how_long_it_takes_is_learned_from_those_before,
    characters_that_no_database_takes_are_left_out,
    a_plan_of_an_older_release_is_worked_off_with_its_own_prompts,
);

async fn an_analysis_of_each_depth_comes_to_a_report(house: &House) {
    for depth in [Depth::Quick, Depth::Standard, Depth::Deep] {
        let ended = house.run(depth).await;
        assert_eq!((ended.phase(), ended.quality.as_str()), (Phase::Completed, "full"), "{ended:?}");
        assert_eq!((ended.progress, ended.stage.as_str()), (1.0, "finished"));
        let id = &ended.execution_id;
        let report = house.document(id, Part::Report).await;
        assert_eq!(report["execution_id"], **id);
        let sources: Vec<&str> =
            report["brief"]["facts"].as_array().unwrap().iter().filter_map(|fact| fact["source"].as_str()).collect();
        assert_eq!(sources, ["given", "given", "given", "stated", "assumed"]);
        let decisions = report["meeting"]["decisions"].as_array().unwrap();
        assert!(decisions.iter().any(|d| d["outcome"] == "adopted"), "{decisions:#?}");
        let kinds: Vec<_> = report["conflicts"].as_array().unwrap().iter().map(|c| c["kind"].clone()).collect();
        assert!(
            kinds.contains(&json!("direction_opposition")) && kinds.contains(&json!("metric_mismatch")),
            "{kinds:?}"
        );
        assert_eq!(house.document(id, Part::Opinions).await.as_array().unwrap().len(), roster(depth));
        assert!(!report["actions"].as_array().unwrap().is_empty() && report["scenarios"]["base"].is_object());
        let usage = ended.usage.unwrap();
        assert!(usage.input_tokens > 0 && usage.input_tokens + usage.output_tokens <= usage.ceiling);
        assert_eq!(usize::try_from(ended.replies).unwrap(), asked(house, id));
    }
}

const fn roster(depth: Depth) -> usize {
    match depth {
        Depth::Quick => 3,
        Depth::Standard => 4,
        _ => 6,
    }
}

fn asked(house: &House, id: &str) -> usize {
    let _ = id;
    let asked = house.board.asked.lock().unwrap().len();
    house.board.asked.lock().unwrap().clear();
    asked
}

async fn events_are_numbered_without_gaps_and_progress_never_goes_back(house: &House) {
    let request = house.request(Depth::Standard);
    house.create(&request).await;
    let id = &request.execution_id;
    let events = house.events(id, 0).await;
    assert!(events.iter().zip(1..).all(|(event, seq)| event.seq == seq));
    let (first, last) = (&events[0], events.last().unwrap());
    assert_eq!((first.r#type.as_str(), last.r#type.as_str()), ("execution.queued", "execution.completed"));
    let progress: Vec<f64> = events
        .iter()
        .filter_map(|event| serde_json::from_slice::<Value>(&event.data).unwrap()["progress"].as_f64())
        .collect();
    assert!(progress.is_sorted() && progress.last() == Some(&1.0), "{progress:?}");
    let kinds: Vec<&str> = events.iter().map(|event| event.r#type.as_str()).collect();
    for kind in
        ["facts.found", "agent.finished", "conflict.detected", "meeting.turn", "decision.made", "artifact.ready"]
    {
        assert!(kinds.contains(&kind), "{kind}");
    }
    let again = house.events(id, 5).await;
    assert_eq!((again[0].seq, again.len()), (6, events.len() - 5));
    assert!(house.events(id, last.seq).await.is_empty(), "there is nothing after the end");
}

async fn the_same_id_is_the_same_execution(house: &House) {
    let request = house.request(Depth::Quick);
    let made = house.create(&request).await;
    let other = CreateExecutionRequest { depth: Depth::Deep.into(), ..request.clone() };
    let again = house.engine().create_execution(&house.call(), other).await.unwrap();
    let execution = again.execution.unwrap();
    assert!(again.existed);
    assert_eq!((execution.created_at, execution.depth()), (made.created_at, Depth::Quick));
}

async fn what_cannot_be_worked_on_is_refused_field_by_field(house: &House) {
    let mut request = house.request(Depth::Quick);
    let brief = request.brief.as_mut().unwrap();
    brief.problem_description = " ".to_owned();
    brief.currency = "reais".to_owned();
    brief.facts[0].key = "Cash!".to_owned();
    brief.facts[1].value = f64::NAN;
    let refused = house.engine().create_execution(&house.call(), request.clone()).await.unwrap_err();
    let failure = proto::Failure::from(&refused);
    assert_eq!(failure.reason, Reason::RefusedValue);
    let fields: Vec<&str> = failure.fields.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["problem_description", "currency", "facts[0].key", "facts[1].value"]);
    let request = proto::engine::GetExecutionRequest { execution_id: request.execution_id };
    let absent = house.engine().get_execution(&house.call(), request).await.unwrap_err();
    assert_eq!(Reason::of(&absent), Reason::NotFound);
}

async fn the_same_problem_gets_the_same_decision(house: &House) {
    let mut reports = vec![];
    for _ in 0..2 {
        let ended = house.run(Depth::Standard).await;
        let mut report = house.document(&ended.execution_id, Part::Report).await;
        report["execution_id"] = Value::Null;
        report["created_at"] = Value::Null;
        reports.push(report);
    }
    assert_eq!(reports[0]["meeting"], reports[1]["meeting"]);
    assert_eq!(reports[0]["scenarios"], reports[1]["scenarios"]);
}

async fn forecasts_are_compared_with_what_happened(house: &House) {
    let ended = house.run(Depth::Quick).await;
    let actual = |metric: &str, value| ActualValue { metric: metric.to_owned(), value, day: 0 };
    let record = |actuals| {
        let request = RecordOutcomesRequest { execution_id: ended.execution_id.clone(), actuals };
        async move { house.engine().record_outcomes(&house.call(), request).await }
    };
    let refused = record(vec![actual("x_mood", 1.0)]).await.unwrap_err();
    assert_eq!(Reason::of(&refused), Reason::RefusedValue);
    let answer = record(vec![actual("nps", 61.0)]).await.unwrap();
    let answer: Value = serde_json::from_slice(&answer.json).unwrap();
    let of = |role: &str| answer["calibration"].as_array().unwrap().iter().find(|c| c["role"] == role).unwrap().clone();
    assert_eq!((of("analyst")["coverage"].as_f64(), of("financial")["coverage"].as_f64()), (Some(1.0), Some(0.0)));
    let answer = record(vec![actual("nps", 20.0)]).await.unwrap();
    let answer: Value = serde_json::from_slice(&answer.json).unwrap();
    assert_eq!(answer["actuals"].as_array().unwrap().len(), 1, "the same metric and day is replaced");
}

async fn a_report_is_exported_in_every_format(house: &House) {
    let request = house.request(Depth::Quick);
    house.create(&request).await;
    let render = |format: &str, id: &str| {
        let request = RenderReportRequest {
            execution_id: id.to_owned(),
            format: format.to_owned(),
            locale: "pt-BR".to_owned(),
            check_only: false,
        };
        async move { house.engine().render_report(&house.call(), request).await }
    };
    house.board.fault("opinion.market", &[]);
    let ended = house.ended(&request.execution_id).await;
    for (format, magic) in [("pdf", "%PDF"), ("docx", "PK"), ("md", "#"), ("json", "{"), ("csv", "")] {
        let once = render(format, &ended.execution_id).await.unwrap();
        let twice = render(format, &ended.execution_id).await.unwrap();
        assert!(once.content.starts_with(magic.as_bytes()) && once.content.len() > 100, "{format}");
        assert!(once == twice, "{format}: the same report is the same bytes");
        assert!(once.file_name.ends_with(&format!(".{format}")), "{}", once.file_name);
    }
    let refused = render("exe", &ended.execution_id).await.unwrap_err();
    assert_eq!(Reason::of(&refused), Reason::RefusedValue);
}

/// Each is watched by two: one from the beginning, one who comes in the middle and goes on where somebody else broke off.
async fn fifty_at_once_all_come_to_their_end_and_who_watches_misses_nothing(house: &House) {
    let requests: Vec<_> = (0..50).map(|_| house.request(Depth::Standard)).collect();
    futures::future::join_all(requests.iter().map(|request| house.create(request))).await;
    let watched = requests.iter().map(|request| async {
        let id = &request.execution_id;
        let (all, rest) = futures::join!(house.events(id, 0), house.events(id, 7));
        (house.ended(id).await, all, rest)
    });
    let mut hashes = std::collections::BTreeSet::new();
    for (ended, all, rest) in futures::future::join_all(watched).await {
        assert_eq!((ended.phase(), ended.quality.as_str()), (Phase::Completed, "full"), "{ended:?}");
        assert!(all.iter().zip(1..).all(|(event, seq)| event.seq == seq));
        assert_eq!(all.last().unwrap().r#type, "execution.completed");
        assert!(rest == all[7..], "who comes later gets the same");
        assert!(house.events(&ended.execution_id, 0).await == all, "and so does who comes after its end");
        hashes.insert(ended.report_hash);
    }
    assert_eq!(hashes.len(), 50, "each has a report of its own");
    let keys: Vec<String> = house.board.asked.lock().unwrap().iter().map(|asked| asked.key.clone()).collect();
    assert_eq!(keys.len(), keys.iter().collect::<std::collections::BTreeSet<_>>().len());
}

async fn how_long_it_takes_is_learned_from_those_before(house: &House) {
    let estimate =
        |execution: &proto::engine::Execution| (execution.estimated_seconds, execution.estimated_seconds_p90);
    let first = house.create(&house.request(Depth::Quick)).await;
    assert_eq!(estimate(&first), (20, 45), "nothing is known");
    house.ended(&first.execution_id).await;
    for _ in 0..4 {
        house.run(Depth::Quick).await;
    }
    let (median, most) = estimate(&house.create(&house.request(Depth::Quick)).await);
    assert!((1..=5).contains(&median) && (median..=10).contains(&most), "{median} {most}: they take no second");
    // Of another depth only the answers of the model are known, which are as fast.
    assert!(house.create(&house.request(Depth::Deep)).await.estimated_seconds < 30);
    let other = CreateExecutionRequest { model: "unknown".to_owned(), ..house.request(Depth::Quick) };
    assert_eq!(estimate(&house.create(&other).await), (20, 45), "another model may be slower");
    let events = house.events(&first.execution_id, 0).await;
    let left: Vec<Value> = events
        .iter()
        .filter(|event| event.r#type == "execution.progress")
        .map(|event| serde_json::from_slice::<Value>(&event.data).unwrap()["estimated_remaining_seconds"].clone())
        .collect();
    assert!(
        left.len() > 5 && left.iter().all(|left| left[0].as_i64() > Some(0) && left[0].as_i64() <= left[1].as_i64())
    );
    assert!(left.first().unwrap()[0].as_i64() > left.last().unwrap()[0].as_i64(), "{left:?}");
}

async fn characters_that_no_database_takes_are_left_out(house: &House) {
    let mut request = house.request(Depth::Quick);
    request.brief.as_mut().unwrap().problem_description = "Customers\0leave. What now?\0".to_owned();
    house.board.fault("opinion.commercial", &[crate::board::Fault::Text("{\"headline\": \"\\u0000\"}".to_owned())]);
    house.create(&request).await;
    assert_eq!(house.ended(&request.execution_id).await.phase(), Phase::Completed);
}

async fn a_plan_of_an_older_release_is_worked_off_with_its_own_prompts(house: &House) {
    let request = house.request(Depth::Quick);
    house.board.stop_before.store(1, std::sync::atomic::Ordering::SeqCst);
    house.create(&request).await;
    house.board.stopped.notified().await;
    house.kill();
    // As an older release would have left it: without a summary, and with another mandate.
    let plan = house.plan(&request.execution_id).await;
    let mut plan: Value = serde_json::from_str(&plan).unwrap();
    let steps = plan["steps"].as_array_mut().unwrap();
    steps.retain(|step| step["key"] != "word.summary");
    for step in &mut *steps {
        step["needs"].as_array_mut().unwrap().retain(|need| need != "word.summary");
        if step["ask"]["role"] == "financial" {
            step["ask"]["mandate"] = json!("older");
        }
    }
    let texts = [("older", "You keep the cash of an older release.")];
    house.put_plan(&request.execution_id, &plan.to_string(), &texts).await;
    house.board.stop_before.store(0, std::sync::atomic::Ordering::SeqCst);
    house.restart().await;
    let ended = house.ended(&request.execution_id).await;
    assert_eq!((ended.phase(), ended.quality.as_str()), (Phase::Completed, "full"));
    let asked = house.board.asked.lock().unwrap().clone();
    assert!(asked.iter().all(|asked| !asked.label.starts_with("wording")));
    let financial = asked.iter().find(|asked| asked.label == "opinion.financial").unwrap();
    assert_eq!(financial.body["messages"][0]["content"], "You keep the cash of an older release.");
}
