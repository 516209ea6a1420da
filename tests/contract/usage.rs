//! What usage-metering promises.

use crate::{Handles, Somebody, anonymous, checks, random, reason};
use anyhow::ensure;
use futures::StreamExt as _;
use proto::{
    Call, Permission, Reason, Role,
    id::RequestId,
    usage::{
        AdmitRequest, AgreedPrice, AgreedPrices, CountCallRequest, CreateExportRequest, CreateExportScheduleRequest,
        DeleteExportRequest, DeleteExportScheduleRequest, DownloadExportRequest, DownloadLinkedExportRequest,
        EmailDestination, ExportDestination, GetExportRequest, GetLogRequest, GetPricesRequest,
        GetResourceUsageRequest, GetUsageByRequest, GetUsageRequest, GetUsageSeriesRequest, Guarded, HeartbeatRequest,
        Layer, LayerKind, ListAnomaliesRequest, ListExportSchedulesRequest, ListExportsRequest, ListLogsRequest,
        ListUnpricedRequest, Outcome, PeekLimitsRequest, PricedModel, PutPricesRequest, QuotePricesRequest,
        RecordRefusalRequest, RecordUsageRequest, ReleaseUsageRequest, RequestEnd, ReserveUsageRequest, SettleRequest,
        Subject, SummarizeUsageRequest, SummaryDimension, Tokens, Units, UpdateExportScheduleRequest, UsageDimension,
        UsageEvent, UsageInterval, download_export_response::Part, export_destination::To,
    },
};
use tests::eventually;

checks!(
    an_admitted_and_settled_attempt_is_in_log_and_usage,
    usage_is_plotted_and_summed_up_for_operators,
    admitting_and_settling_again_change_nothing,
    a_limit_refuses_and_says_why,
    a_call_on_a_surface_is_counted_and_leaves_nothing,
    a_refusal_is_logged_and_not_counted,
    prices_are_quoted_as_far_as_they_are_known,
    settling_what_was_never_admitted_is_unknown,
    a_heartbeat_is_taken,
    an_export_is_written_downloaded_and_deleted,
    the_audit_trail_is_exported_and_links_that_nobody_sent_open_nothing,
    a_schedule_is_made_listed_and_deleted,
    an_event_is_counted_once_and_another_under_its_id_is_a_conflict,
    a_plan_allows_so_much_of_a_resource_and_no_more,
    agreed_prices_are_what_a_workspace_reads_and_pays,
);

fn now() -> Option<prost_types::Timestamp> {
    Some(proto::time::to_proto(host::Clock::system().now()))
}

fn admission(ada: &Somebody, request: RequestId, layers: Vec<Layer>) -> AdmitRequest {
    AdmitRequest {
        subject: Some(subject(ada, request)),
        attempt: 1,
        instance_id: random().to_string(),
        provider: "acme".to_owned(),
        provider_kind: "openai".to_owned(),
        provider_id: String::new(),
        model: "m".to_owned(),
        estimated_tokens: 100,
        estimated_input_tokens: 10,
        layers,
        expires_at: now().map(|at| prost_types::Timestamp { seconds: at.seconds + 60, ..at }),
        free: false,
        currency: "USD".to_owned(),
        ..AdmitRequest::default()
    }
}

fn subject(ada: &Somebody, request: RequestId) -> Subject {
    Subject {
        request_id: request.to_string(),
        workspace_id: ada.workspace.to_string(),
        api_key_id: String::new(),
        user_id: ada.user.to_string(),
        operation: "chat.completions".to_owned(),
        requested_model: "acme/m".to_owned(),
        stream: false,
        created_at: now(),
        team_id: String::new(),
    }
}

fn settlement(ada: &Somebody, grant_id: String) -> SettleRequest {
    SettleRequest {
        workspace_id: ada.workspace.to_string(),
        grant_id,
        outcome: Outcome::Completed.into(),
        tokens: Some(Tokens { input: 5, cache_read: 2, output: 3, reasoning: 1, ..Default::default() }),
        estimated: false,
        provider_status: 200,
        duration_ms: 12,
        ttft_ms: 4,
        error_code: String::new(),
        error_message: String::new(),
        request_end: Some(RequestEnd {
            outcome: Outcome::Completed.into(),
            status_code: 200,
            duration_ms: 13,
            ttft_ms: 4,
            error_code: String::new(),
            error_message: String::new(),
            dropped: vec!["seed".to_owned()],
            guardrails: vec![found()],
            explanation_json: "{\"why\":1}".to_owned(),
        }),
        units: Some(Units { images: 2, image_class: "hd/1024x1024".to_owned(), ..Units::default() }),
    }
}

/// What a guardrail found.
fn found() -> Guarded {
    Guarded { name: "pii".to_owned(), stage: "output".to_owned(), action: "redact".to_owned(), count: 2 }
}

async fn an_admitted_and_settled_attempt_is_in_log_and_usage(h: &Handles) -> anyhow::Result<()> {
    let (ada, gateway) = (h.somebody().await?, h.called_by(Role::Gateway));
    let request = RequestId::from_uuid(random());
    let granted = gateway.usage.admit(&ada.call, admission(&ada, request, vec![])).await?;
    ensure!(granted.grant_id == format!("{request}/1"), "{granted:?}");
    gateway.usage.settle(&ada.call, settlement(&ada, granted.grant_id)).await?;
    let log = eventually(async || {
        let request = GetLogRequest { request_id: request.to_string() };
        Ok(h.usage.get_log(&ada.call, request).await?.log.unwrap_or_default())
    })
    .await?;
    ensure!(log.input_tokens == 7 && log.cached_input_tokens == 2 && log.output_tokens == 3, "{log:?}");
    ensure!(log.explanation_json == "{\"why\":1}", "{log:?}");
    ensure!(log.outcome == "completed" && log.cost_micros.is_none() && log.attempts.len() == 1, "{log:?}");
    ensure!(log.dropped == ["seed"] && log.guardrails == [found()], "{log:?}");
    let usage = h.usage.get_usage(&ada.call, GetUsageRequest::default()).await?.sums.unwrap_or_default();
    ensure!(usage.requests == 1 && usage.input_tokens == 7 && usage.unpriced_attempts == 1, "{usage:?}");
    for (by, value) in [
        (UsageDimension::Provider, "acme".to_owned()),
        (UsageDimension::Model, "m".to_owned()),
        (UsageDimension::ApiKey, String::new()),
        (UsageDimension::User, ada.user.to_string()),
    ] {
        let request = GetUsageByRequest { by: by.into(), ..GetUsageByRequest::default() };
        let groups = h.usage.get_usage_by(&ada.call, request).await?.groups;
        ensure!(groups.len() == 1 && groups[0].value == value, "{groups:?}");
        ensure!(groups[0].sums == Some(usage.clone()), "{groups:?} {usage:?}");
    }
    let listed = h.usage.list_logs(&ada.call, ListLogsRequest::default()).await?.logs;
    ensure!(listed.len() == 1 && listed[0].id == request.to_string(), "{listed:?}");
    let eve = h.somebody().await?;
    let foreign = GetLogRequest { request_id: request.to_string() };
    ensure!(reason(h.usage.get_log(&eve.call, foreign).await)? == Reason::NotFound, "Eve sees it");
    Ok(())
}

async fn usage_is_plotted_and_summed_up_for_operators(h: &Handles) -> anyhow::Result<()> {
    let (ada, gateway) = (h.somebody().await?, h.called_by(Role::Gateway));
    let granted = gateway.usage.admit(&ada.call, admission(&ada, RequestId::from_uuid(random()), vec![])).await?;
    gateway.usage.settle(&ada.call, settlement(&ada, granted.grant_id)).await?;
    eventually(async || {
        for (interval, points) in [(UsageInterval::Minute, 60..=61), (UsageInterval::Hour, 24..=25)] {
            let (interval, time_zone) = (interval.into(), "America/Sao_Paulo".to_owned());
            let request = GetUsageSeriesRequest { interval, time_zone, ..GetUsageSeriesRequest::default() };
            let series = h.usage.get_usage_series(&ada.call, request).await?.points;
            ensure!(points.contains(&series.len()), "{}", series.len());
            let requests: i64 = series.iter().flat_map(|point| &point.sums).map(|sums| sums.requests).sum();
            ensure!(requests == 1, "{series:?}");
        }
        let request = SummarizeUsageRequest { by: SummaryDimension::Workspace.into(), ..Default::default() };
        let refused = h.usage.summarize_usage(&ada.call, request).await;
        ensure!(reason(refused)? == Reason::PermissionDenied, "an owner sees all workspaces");
        let operator = Call { scopes: ada.call.scopes.with(Permission::PlatformRead), ..ada.call.clone() };
        let all = h.usage.summarize_usage(&operator, request).await?.groups;
        let ours = all.into_iter().find(|group| group.value == ada.workspace.to_string());
        ensure!(ours.as_ref().and_then(|g| g.sums.as_ref()).is_some_and(|sums| sums.requests == 1), "{ours:?}");
        Ok(())
    })
    .await?;
    let wrong = GetUsageSeriesRequest::default();
    ensure!(reason(h.usage.get_usage_series(&ada.call, wrong).await)? == Reason::InvalidArgument, "no interval");
    let anomalies = h.usage.list_anomalies(&ada.call, ListAnomaliesRequest::default()).await?.anomalies;
    ensure!(anomalies.is_empty(), "{anomalies:?}");
    Ok(())
}

async fn admitting_and_settling_again_change_nothing(h: &Handles) -> anyhow::Result<()> {
    let (ada, gateway) = (h.somebody().await?, h.called_by(Role::Gateway));
    let request = admission(&ada, RequestId::from_uuid(random()), vec![]);
    let first = gateway.usage.admit(&ada.call, request.clone()).await?;
    let again = gateway.usage.admit(&ada.call, request).await?;
    ensure!(first.grant_id == again.grant_id, "{first:?} {again:?}");
    let settled = gateway.usage.settle(&ada.call, settlement(&ada, first.grant_id.clone())).await?;
    ensure!(!settled.already_settled, "{settled:?}");
    let again = gateway.usage.settle(&ada.call, settlement(&ada, first.grant_id)).await?;
    ensure!(again.already_settled, "{again:?}");
    eventually(async || {
        let usage = h.usage.get_usage(&ada.call, GetUsageRequest::default()).await?.sums.unwrap_or_default();
        ensure!(usage.requests == 1 && usage.output_tokens == 3, "{usage:?}");
        Ok(())
    })
    .await
}

async fn a_limit_refuses_and_says_why(h: &Handles) -> anyhow::Result<()> {
    let (ada, gateway) = (h.somebody().await?, h.called_by(Role::Gateway));
    let id = ada.workspace.to_string();
    let layer = Layer { kind: LayerKind::Workspace.into(), id: id.clone(), rpm: Some(2), ..Layer::default() };
    let admit = async || {
        let request = admission(&ada, RequestId::from_uuid(random()), vec![layer.clone()]);
        gateway.usage.admit(&ada.call, request).await
    };
    let first = admit().await?;
    ensure!(first.limits.iter().any(|l| l.limit == 2 && l.remaining == 1), "{first:?}");
    admit().await?;
    let status = admit().await.err().ok_or_else(|| anyhow::anyhow!("a third passed"))?;
    let failure = proto::Failure::from(&status);
    ensure!(failure.reason == Reason::RateLimited && failure.retry_after.is_some(), "{failure:?}");
    ensure!(failure.get("layer") == Some("workspace") && failure.get("limit") == Some("2"), "{failure:?}");
    let peek = PeekLimitsRequest { workspace_id: id, layers: vec![layer.clone()], ..PeekLimitsRequest::default() };
    let state = gateway.usage.peek_limits(&ada.call, peek).await?.limits;
    let of_workspace: Vec<_> = state.iter().filter(|limit| limit.layer() == LayerKind::Workspace).collect();
    ensure!(of_workspace.len() == 1 && of_workspace[0].remaining == 0 && of_workspace[0].used == 2, "{state:?}");
    Ok(())
}

async fn a_call_on_a_surface_is_counted_and_leaves_nothing(h: &Handles) -> anyhow::Result<()> {
    let (ada, edge) = (h.somebody().await?, h.called_by(Role::Edge));
    let request = CountCallRequest {
        workspace_id: ada.workspace.to_string(),
        surface: "executions".to_owned(),
        plan: "free".to_owned(),
    };
    let first = edge.usage.count_call(&ada.call, request.clone()).await?.limits;
    ensure!(first.len() == 1 && first[0].limit == 60 && first[0].layer() == LayerKind::Plan, "{first:?}");
    let second = edge.usage.count_call(&ada.call, request.clone()).await?.limits;
    ensure!(second[0].remaining <= first[0].remaining, "{second:?}");
    let status = h.called_by(Role::Gateway).usage.count_call(&ada.call, request).await.err();
    ensure!(status.is_some_and(|status| Reason::of(&status) == Reason::PermissionDenied), "it is for the edge");
    let usage = h.usage.get_usage(&ada.call, GetUsageRequest::default()).await?.sums.unwrap_or_default();
    ensure!(usage.requests == 0, "counted as usage");
    Ok(())
}

async fn a_refusal_is_logged_and_not_counted(h: &Handles) -> anyhow::Result<()> {
    let (ada, gateway) = (h.somebody().await?, h.called_by(Role::Gateway));
    let request = RequestId::from_uuid(random());
    let end = RequestEnd {
        outcome: Outcome::Rejected.into(),
        status_code: 404,
        duration_ms: 1,
        ttft_ms: 0,
        error_code: "MODEL_NOT_FOUND".to_owned(),
        error_message: "no such model".to_owned(),
        dropped: vec![],
        guardrails: vec![],
        explanation_json: "{}".to_owned(),
    };
    let refusal = RecordRefusalRequest { subject: Some(subject(&ada, request)), request_end: Some(end) };
    gateway.usage.record_refusal(&ada.call, refusal).await?;
    eventually(async || {
        let log = h.usage.get_log(&ada.call, GetLogRequest { request_id: request.to_string() }).await?;
        let log = log.log.unwrap_or_default();
        ensure!(log.outcome == "rejected" && log.error_code == "MODEL_NOT_FOUND", "{log:?}");
        Ok(())
    })
    .await?;
    let usage = h.usage.get_usage(&ada.call, GetUsageRequest::default()).await?.sums.unwrap_or_default();
    ensure!(usage.requests == 0, "counted");
    Ok(())
}

async fn settling_what_was_never_admitted_is_unknown(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let grant = format!("{}/1", RequestId::from_uuid(random()));
    let refused = reason(h.called_by(Role::Gateway).usage.settle(&ada.call, settlement(&ada, grant)).await)?;
    ensure!(refused == Reason::SettleUnknown, "{refused:?}");
    Ok(())
}

async fn a_heartbeat_is_taken(h: &Handles) -> anyhow::Result<()> {
    let beat = HeartbeatRequest { instance_id: random().to_string() };
    h.called_by(Role::Gateway).usage.heartbeat(&anonymous(), beat).await?;
    Ok(())
}

async fn an_export_is_written_downloaded_and_deleted(h: &Handles) -> anyhow::Result<()> {
    let (ada, eve) = (h.somebody().await?, h.somebody().await?);
    let wish =
        CreateExportRequest { kind: "usage".to_owned(), format: "json".to_owned(), ..CreateExportRequest::default() };
    let made = h.usage.create_export(&ada.call, wish).await?.export.unwrap_or_default();
    let id = || made.id.clone();
    eventually(async || {
        let export = h.usage.get_export(&ada.call, GetExportRequest { export_id: id() }).await?.export;
        ensure!(export.as_ref().is_some_and(|e| e.status == "done"), "{export:?}");
        Ok(())
    })
    .await?;
    let mut parts = h.usage.download_export(&ada.call, DownloadExportRequest { export_id: id() }).await?;
    let (mut file, mut bytes) = (None, vec![]);
    while let Some(part) = parts.next().await.transpose()? {
        match part.part {
            Some(Part::File(head)) => file = Some(head),
            Some(Part::Data(data)) => bytes.extend_from_slice(&data),
            None => {}
        }
    }
    ensure!(
        bytes == b"[]\n" && file.is_some_and(|f| f.content_type == "application/json" && f.bytes == 3),
        "{bytes:?}"
    );
    let listed = h.usage.list_exports(&ada.call, ListExportsRequest::default()).await?.exports;
    ensure!(listed.len() == 1 && listed[0].id == made.id, "{listed:?}");
    let foreign = h.usage.delete_export(&eve.call, DeleteExportRequest { export_id: id() }).await;
    ensure!(reason(foreign)? == Reason::NotFound, "Eve deletes it");
    h.usage.delete_export(&ada.call, DeleteExportRequest { export_id: id() }).await?;
    let gone = h.usage.get_export(&ada.call, GetExportRequest { export_id: id() }).await;
    ensure!(reason(gone)? == Reason::NotFound, "it is still there");
    Ok(())
}

async fn the_audit_trail_is_exported_and_links_that_nobody_sent_open_nothing(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let wish = |destination| CreateExportRequest {
        kind: "audit".to_owned(),
        format: "json".to_owned(),
        destination,
        ..CreateExportRequest::default()
    };
    let rows = eventually(async || {
        let made = h.usage.create_export(&ada.call, wish(None)).await?.export.unwrap_or_default();
        let done = eventually(async || {
            let request = GetExportRequest { export_id: made.id.clone() };
            let export = h.usage.get_export(&ada.call, request).await?.export.unwrap_or_default();
            ensure!(export.status == "done", "{export:?}");
            Ok(export)
        })
        .await?;
        // Events reach the trail a moment after they happened.
        ensure!(done.rows >= 2, "{done:?}");
        Ok(done.rows)
    })
    .await?;
    ensure!(rows < 20, "{rows} events of one sign-up");
    let mail = ExportDestination { to: Some(To::Email(EmailDestination { to: vec![ada.email.clone()] })) };
    let refused = reason(h.usage.create_export(&ada.call, wish(Some(mail))).await)?;
    ensure!(refused == Reason::MailNotConfigured, "{refused:?}");
    let link = DownloadLinkedExportRequest { token: "of-nobody".to_owned() };
    ensure!(!format!("{link:?}").contains("of-nobody"), "{link:?}");
    let refused = h.usage.download_linked_export(&anonymous(), link).await.err().map(|status| Reason::of(&status));
    ensure!(refused == Some(Reason::NotFound), "{refused:?}");
    Ok(())
}

async fn a_schedule_is_made_listed_and_deleted(h: &Handles) -> anyhow::Result<()> {
    let (ada, eve) = (h.somebody().await?, h.somebody().await?);
    let wish = CreateExportScheduleRequest {
        kind: "logs".to_owned(),
        format: "csv".to_owned(),
        cron: "0 6 1 * *".to_owned(),
        time_zone: "Asia/Tokyo".to_owned(),
        destination: None,
    };
    let made = h.usage.create_export_schedule(&ada.call, wish).await?.schedule.unwrap_or_default();
    ensure!(made.next_run_at.is_some() && made.covered_until.is_some() && !made.paused, "{made:?}");
    let list = async |call| h.usage.list_export_schedules(call, ListExportSchedulesRequest::default()).await;
    ensure!(list(&ada.call).await?.schedules == [made.clone()], "{made:?}");
    ensure!(list(&eve.call).await?.schedules.is_empty(), "Eve sees it");
    let pause = UpdateExportScheduleRequest { schedule_id: made.id.clone(), paused: Some(true), destination: None };
    let foreign = h.usage.update_export_schedule(&eve.call, pause.clone()).await;
    ensure!(reason(foreign)? == Reason::NotFound, "Eve pauses it");
    let paused = h.usage.update_export_schedule(&ada.call, pause).await?.schedule.unwrap_or_default();
    ensure!(paused.paused && paused.next_run_at.is_none(), "{paused:?}");
    let delete = DeleteExportScheduleRequest { schedule_id: made.id };
    let foreign = h.usage.delete_export_schedule(&eve.call, delete.clone()).await;
    ensure!(reason(foreign)? == Reason::NotFound, "Eve deletes it");
    h.usage.delete_export_schedule(&ada.call, delete).await?;
    ensure!(list(&ada.call).await?.schedules.is_empty(), "it is still there");
    Ok(())
}

async fn an_event_is_counted_once_and_another_under_its_id_is_a_conflict(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let event = UsageEvent {
        source: "shop".to_owned(),
        id: "1".to_owned(),
        resource: "tickets".to_owned(),
        quantity: 3,
        at: now().map(|at| prost_types::Timestamp { seconds: at.seconds - 1, ..at }),
        ..UsageEvent::default()
    };
    let record = async |event: &UsageEvent| {
        h.usage.record_usage(&ada.call, RecordUsageRequest { events: vec![event.clone()], limits: None }).await
    };
    ensure!(!record(&event).await?.events[0].duplicate, "it is new");
    ensure!(record(&event).await?.events[0].duplicate, "it is not");
    let other = UsageEvent { quantity: 4, ..event };
    ensure!(reason(record(&other).await)? == Reason::EventConflict, "another payload");
    let used = h.usage.get_resource_usage(&ada.call, GetResourceUsageRequest::default()).await?.resources;
    ensure!(used.len() == 1 && used[0].quantity == 3 && used[0].events == 1, "{used:?}");
    let eve = h.somebody().await?;
    let theirs = h.usage.get_resource_usage(&eve.call, GetResourceUsageRequest::default()).await?.resources;
    ensure!(theirs.is_empty(), "{theirs:?}");
    Ok(())
}

async fn a_plan_allows_so_much_of_a_resource_and_no_more(h: &Handles) -> anyhow::Result<()> {
    let (ada, engine) = (h.somebody().await?, h.called_by(Role::Gateway));
    let workspace_id = ada.workspace.to_string();
    let reserve = async |id: i32| {
        let request = ReserveUsageRequest {
            workspace_id: workspace_id.clone(),
            source: "perpetuo.engine".to_owned(),
            id: id.to_string(),
            resource: "executions".to_owned(),
            quantity: 1,
            ..ReserveUsageRequest::default()
        };
        engine.usage.reserve_usage(&ada.call, request).await
    };
    for id in 0..10 {
        reserve(id).await?;
    }
    ensure!(reason(reserve(10).await)? == Reason::QuotaExceeded, "a free plan has ten a month");
    let (source, id) = ("perpetuo.engine".to_owned(), "3".to_owned());
    engine
        .usage
        .release_usage(&ada.call, ReleaseUsageRequest { workspace_id: workspace_id.clone(), source, id })
        .await?;
    reserve(10).await?;
    Ok(())
}

async fn agreed_prices_are_what_a_workspace_reads_and_pays(h: &Handles) -> anyhow::Result<()> {
    let (ada, gateway) = (h.somebody().await?, h.called_by(Role::Gateway));
    let price = AgreedPrice {
        provider: "openai".to_owned(),
        models: vec!["m".to_owned()],
        currency: "USD".to_owned(),
        prices: [("input".to_owned(), "1000".to_owned()), ("output".to_owned(), "0".to_owned())].into(),
        ..AgreedPrice::default()
    };
    let attempt = async || {
        let granted = gateway.usage.admit(&ada.call, admission(&ada, RequestId::from_uuid(random()), vec![])).await?;
        gateway.usage.settle(&ada.call, settlement(&ada, granted.grant_id)).await
    };
    attempt().await?;
    eventually(async || {
        let from = now().map(|at| prost_types::Timestamp { seconds: at.seconds - 1_800, ..at });
        let unpriced = h.usage.list_unpriced(&ada.call, ListUnpricedRequest { from, to: None }).await?.models;
        ensure!(unpriced.len() == 1 && unpriced[0].model == "m" && unpriced[0].attempts == 1, "{unpriced:?}");
        Ok(())
    })
    .await?;
    let agreed = AgreedPrices { markup_percent: "10".to_owned(), prices: vec![price] };
    h.usage.put_prices(&ada.call, PutPricesRequest { agreed: Some(agreed.clone()) }).await?;
    let read = h.usage.get_prices(&ada.call, GetPricesRequest {}).await?.agreed;
    ensure!(read.as_ref() == Some(&agreed), "{read:?}");
    let wrong = AgreedPrices { markup_percent: "-1".to_owned(), ..agreed };
    let refused = reason(h.usage.put_prices(&ada.call, PutPricesRequest { agreed: Some(wrong) }).await)?;
    ensure!(refused == Reason::RefusedValue, "{refused:?}");
    attempt().await?;
    // Seven tokens of input, cached ones included, at 1,000 dollars for a million and ten percent.
    eventually(async || {
        let usage = h.usage.get_usage(&ada.call, GetUsageRequest::default()).await?;
        let sums = usage.sums.clone().unwrap_or_default();
        ensure!(sums.cost_micros == Some(7_700) && sums.unpriced_attempts == 1, "{usage:?}");
        Ok(())
    })
    .await
}

async fn prices_are_quoted_as_far_as_they_are_known(h: &Handles) -> anyhow::Result<()> {
    let (ada, gateway) = (h.somebody().await?, h.called_by(Role::Gateway));
    let model = |model: &str| PricedModel {
        provider_kind: "openai".to_owned(),
        model: model.to_owned(),
        ..PricedModel::default()
    };
    let request = QuotePricesRequest {
        workspace_id: ada.workspace.to_string(),
        currency: "USD".to_owned(),
        models: vec![model("gpt-4o-mini"), model("never-heard-of-it")],
    };
    let quotes = gateway.usage.quote_prices(&ada.call, request).await?.quotes;
    let known = quotes[0].input_nanos.zip(quotes[0].output_nanos);
    ensure!(known.is_some_and(|(input, output)| 0 < input && input < output), "{quotes:?}");
    ensure!(quotes[1].input_nanos.is_none() && quotes[1].output_nanos.is_none(), "{quotes:?}");
    Ok(())
}
