use super::{ANA, EXPORT, Fakes, KEY_ID, LINK, REQUEST, SCHEDULE, TEAM, again, at, quiet, unused};
use futures::{StreamExt as _, stream};
use proto::{Call, Reason, feed, usage::*};
use tonic::{Status, codegen::BoxStream};

fn log() -> RequestLog {
    RequestLog {
        id: REQUEST.into(),
        created_at: at(1_790_000_000),
        api_key_id: KEY_ID.into(),
        provider: "acme-openai".into(),
        model: "gpt-5-mini".into(),
        requested_model: "gpt-5-mini".into(),
        operation: "chat.completions".into(),
        status_code: 200,
        outcome: "completed".into(),
        input_tokens: 11,
        output_tokens: 7,
        units: Some(Units { characters: 12, ..Units::default() }),
        currency: "USD".into(),
        duration_ms: 120,
        attempts: vec![Attempt {
            attempt: 1,
            provider: "acme-openai".into(),
            credential: "platform".into(),
            ..Attempt::default()
        }],
        credential: "platform".into(),
        ..RequestLog::default()
    }
}

fn sums() -> UsageSums {
    UsageSums {
        requests: 3,
        attempts: 4,
        failed_attempts: 1,
        unpriced_attempts: 1,
        input_tokens: 33,
        output_tokens: 21,
        tokens: Some(Tokens { input: 30, cache_write_1h: 3, output: 21, reasoning: 9, ..Tokens::default() }),
        cost_micros: Some(42),
        other_costs: vec![Cost { currency: "EUR".into(), cost_micros: 7 }],
        units: Some(Units { images: 2, audio_ms: 8_470, ..Units::default() }),
    }
}

fn export() -> Export {
    Export {
        id: EXPORT.into(),
        kind: "usage".into(),
        format: "csv".into(),
        status: "done".into(),
        from: at(1_790_000_000),
        to: at(1_790_000_100),
        created_by: ANA.into(),
        created_at: at(1_790_000_100),
        finished_at: at(1_790_000_101),
        expires_at: at(1_790_600_000),
        rows: 1,
        bytes: 12,
        ..Export::default()
    }
}

fn download() -> ExportDestination {
    ExportDestination { to: Some(export_destination::To::Download(DownloadDestination {})) }
}

fn schedule() -> ExportSchedule {
    ExportSchedule {
        id: SCHEDULE.into(),
        kind: "usage".into(),
        format: "csv".into(),
        destination: Some(download()),
        created_by: ANA.into(),
        created_at: at(1_790_000_000),
        covered_until: at(1_790_000_000),
        paused: true,
        failures: 5,
        error: "it failed".into(),
        ..ExportSchedule::default()
    }
}

fn known(id: &str) -> Result<Export, Status> {
    if id == EXPORT {
        Ok(export())
    } else {
        Err(Reason::NotFound.with("the workspace has no export with this id").into())
    }
}

#[tonic::async_trait]
impl Service for Fakes {
    async fn watch(&self, _: &Call, _: feed::WatchRequest) -> Result<BoxStream<feed::WatchResponse>, Status> {
        Ok(quiet())
    }
    async fn admit(&self, _: &Call, _: AdmitRequest) -> Result<AdmitResponse, Status> {
        unused()
    }
    async fn settle(&self, _: &Call, _: SettleRequest) -> Result<SettleResponse, Status> {
        unused()
    }
    async fn record_refusal(&self, _: &Call, _: RecordRefusalRequest) -> Result<RecordRefusalResponse, Status> {
        unused()
    }
    async fn heartbeat(&self, _: &Call, _: HeartbeatRequest) -> Result<HeartbeatResponse, Status> {
        unused()
    }
    async fn peek_limits(&self, _: &Call, _: PeekLimitsRequest) -> Result<PeekLimitsResponse, Status> {
        unused()
    }
    async fn count_call(&self, call: &Call, request: CountCallRequest) -> Result<CountCallResponse, Status> {
        self.note("count_call", call, &request);
        self.world().refusal("count_call")?;
        Ok(CountCallResponse { limits: self.world().rates.clone() })
    }
    async fn quote_prices(&self, _: &Call, _: QuotePricesRequest) -> Result<QuotePricesResponse, Status> {
        unused()
    }
    async fn list_logs(&self, call: &Call, request: ListLogsRequest) -> Result<ListLogsResponse, Status> {
        self.note("list_logs", call, &request);
        proto::Page::parse(request.page_size, &request.page_token)?;
        Ok(ListLogsResponse { logs: vec![log()], next_page_token: String::new() })
    }
    async fn get_log(&self, call: &Call, request: GetLogRequest) -> Result<GetLogResponse, Status> {
        self.note("get_log", call, &request);
        if request.request_id != REQUEST {
            return Err(Reason::NotFound.with("there is no such request in this workspace").into());
        }
        Ok(GetLogResponse { log: Some(log()) })
    }
    async fn get_usage(&self, call: &Call, request: GetUsageRequest) -> Result<GetUsageResponse, Status> {
        self.note("get_usage", call, &request);
        let (from, to) = (request.from.or(at(1_790_000_000)), request.to.or(at(1_790_000_100)));
        let platform = Some(UsageSums { requests: 1, input_tokens: 4, cost_micros: Some(9), ..UsageSums::default() });
        Ok(GetUsageResponse { sums: Some(sums()), currency: "USD".into(), from, to, platform })
    }
    async fn get_usage_by(&self, call: &Call, request: GetUsageByRequest) -> Result<GetUsageByResponse, Status> {
        self.note("get_usage_by", call, &request);
        let value = match request.by() {
            UsageDimension::Provider => "acme-openai",
            UsageDimension::Model => "gpt-5-mini",
            UsageDimension::ApiKey => KEY_ID,
            UsageDimension::Team => TEAM,
            UsageDimension::User | UsageDimension::Unspecified => "",
        };
        let groups = vec![UsageGroup { value: value.into(), sums: Some(sums()) }];
        let (from, to) = (at(1_790_000_000), at(1_790_000_100));
        Ok(GetUsageByResponse { groups, currency: "USD".into(), from, to })
    }
    async fn get_usage_series(
        &self,
        call: &Call,
        request: GetUsageSeriesRequest,
    ) -> Result<GetUsageSeriesResponse, Status> {
        self.note("get_usage_series", call, &request);
        let value = if request.by() == UsageDimension::Model { "gpt-5-mini" } else { "" };
        let points = vec![UsagePoint { at: at(1_790_000_000), value: value.into(), sums: Some(sums()) }];
        let (from, to) = (at(1_790_000_000), at(1_790_000_100));
        Ok(GetUsageSeriesResponse { points, currency: String::new(), from, to })
    }
    async fn sum_platform_usage(
        &self,
        _: &Call,
        _: SumPlatformUsageRequest,
    ) -> Result<SumPlatformUsageResponse, Status> {
        unused()
    }
    async fn list_anomalies(
        &self,
        call: &Call,
        request: ListAnomaliesRequest,
    ) -> Result<ListAnomaliesResponse, Status> {
        self.note("list_anomalies", call, &request);
        let (measure, at_, currency) = ("cost".to_owned(), at(1_790_000_000), "USD".to_owned());
        let anomalies = vec![Anomaly { at: at_, measure, currency, amount: 9_000_000, usual: 2_000_000 }];
        Ok(ListAnomaliesResponse { anomalies, from: at(1_790_000_000), to: at(1_790_000_100) })
    }
    async fn summarize_usage(
        &self,
        call: &Call,
        request: SummarizeUsageRequest,
    ) -> Result<SummarizeUsageResponse, Status> {
        self.note("summarize_usage", call, &request);
        let costs = vec![SummaryCost { currency: "USD".into(), cost_micros: 7, list_cost_micros: 5 }];
        let sums = UsageSums { requests: 3, ..UsageSums::default() };
        let group = SummaryGroup { value: format!("{:?}", request.by()), sums: Some(sums), costs };
        Ok(SummarizeUsageResponse { groups: vec![group], from: at(1_790_000_000), to: at(1_790_003_600) })
    }
    async fn create_export(&self, call: &Call, request: CreateExportRequest) -> Result<CreateExportResponse, Status> {
        self.note("create_export", call, &request);
        let export = Export { kind: request.kind, format: request.format, status: "queued".into(), ..export() };
        Ok(CreateExportResponse { export: Some(export), replayed: again(call) })
    }
    async fn list_exports(&self, call: &Call, request: ListExportsRequest) -> Result<ListExportsResponse, Status> {
        self.note("list_exports", call, &request);
        Ok(ListExportsResponse { exports: vec![export()], next_page_token: String::new() })
    }
    async fn get_export(&self, call: &Call, request: GetExportRequest) -> Result<GetExportResponse, Status> {
        self.note("get_export", call, &request);
        Ok(GetExportResponse { export: Some(known(&request.export_id)?) })
    }
    async fn download_export(
        &self,
        call: &Call,
        request: DownloadExportRequest,
    ) -> Result<BoxStream<DownloadExportResponse>, Status> {
        self.note("download_export", call, &request);
        known(&request.export_id)?;
        if call.idempotency_key.as_deref() == Some("early") {
            let early = Reason::ExportNotReady.with("the export is still being written");
            return Err(early.retry_after(std::time::Duration::from_secs(2)).into());
        }
        let file = ExportFile { name: "usage.csv".into(), content_type: "text/csv".into(), bytes: 12 };
        let data = ["id,cost\r\n", "1,2"].map(|text| download_export_response::Part::Data(text.into()));
        let parts = [download_export_response::Part::File(file)].into_iter().chain(data);
        Ok(stream::iter(parts.map(|part| Ok(DownloadExportResponse { part: Some(part) }))).boxed())
    }
    async fn download_linked_export(
        &self,
        call: &Call,
        request: DownloadLinkedExportRequest,
    ) -> Result<BoxStream<DownloadExportResponse>, Status> {
        self.note("download_linked_export", call, &request);
        if request.token != LINK {
            return Err(Reason::NotFound.with("the link is not good, or not any more").into());
        }
        self.download_export(call, DownloadExportRequest { export_id: EXPORT.into() }).await
    }
    async fn create_export_schedule(
        &self,
        call: &Call,
        request: CreateExportScheduleRequest,
    ) -> Result<CreateExportScheduleResponse, Status> {
        self.note("create_export_schedule", call, &request);
        let schedule = ExportSchedule { cron: request.cron, time_zone: request.time_zone, ..schedule() };
        Ok(CreateExportScheduleResponse { schedule: Some(schedule), replayed: again(call) })
    }
    async fn list_export_schedules(
        &self,
        call: &Call,
        request: ListExportSchedulesRequest,
    ) -> Result<ListExportSchedulesResponse, Status> {
        self.note("list_export_schedules", call, &request);
        Ok(ListExportSchedulesResponse { schedules: vec![schedule()], next_page_token: String::new() })
    }
    async fn update_export_schedule(
        &self,
        call: &Call,
        request: UpdateExportScheduleRequest,
    ) -> Result<UpdateExportScheduleResponse, Status> {
        self.note("update_export_schedule", call, &request);
        let paused = request.paused.unwrap_or(true);
        let schedule = ExportSchedule { paused, destination: request.destination, ..schedule() };
        Ok(UpdateExportScheduleResponse { schedule: Some(schedule) })
    }
    async fn delete_export_schedule(
        &self,
        call: &Call,
        request: DeleteExportScheduleRequest,
    ) -> Result<DeleteExportScheduleResponse, Status> {
        self.note("delete_export_schedule", call, &request);
        Ok(DeleteExportScheduleResponse {})
    }
    async fn delete_export(&self, call: &Call, request: DeleteExportRequest) -> Result<DeleteExportResponse, Status> {
        self.note("delete_export", call, &request);
        known(&request.export_id)?;
        Ok(DeleteExportResponse {})
    }
    async fn record_usage(&self, call: &Call, request: RecordUsageRequest) -> Result<RecordUsageResponse, Status> {
        self.note("record_usage", call, &request);
        self.world().record(&request)?;
        let recorded = |event: UsageEvent| RecordedEvent { source: event.source, id: event.id, duplicate: false };
        Ok(RecordUsageResponse { events: request.events.into_iter().map(recorded).collect() })
    }
    async fn reserve_usage(&self, call: &Call, request: ReserveUsageRequest) -> Result<ReserveUsageResponse, Status> {
        self.note("reserve_usage", call, &request);
        self.world().refusal("reserve_usage")?;
        self.world().reserved.insert(request.id);
        Ok(ReserveUsageResponse::default())
    }
    async fn release_usage(&self, call: &Call, request: ReleaseUsageRequest) -> Result<ReleaseUsageResponse, Status> {
        self.note("release_usage", call, &request);
        self.world().reserved.remove(&request.id);
        Ok(ReleaseUsageResponse {})
    }
    async fn get_resource_usage(
        &self,
        call: &Call,
        request: GetResourceUsageRequest,
    ) -> Result<GetResourceUsageResponse, Status> {
        self.note("get_resource_usage", call, &request);
        let resources = vec![ResourceUsage { resource: "tickets".into(), events: 2, quantity: 5 }];
        Ok(GetResourceUsageResponse { resources, from: at(1_790_000_000), to: at(1_790_000_100) })
    }
    async fn list_unpriced(&self, call: &Call, request: ListUnpricedRequest) -> Result<ListUnpricedResponse, Status> {
        self.note("list_unpriced", call, &request);
        Ok(ListUnpricedResponse { models: vec![UnpricedModel { model: "m".into(), ..UnpricedModel::default() }] })
    }
    async fn get_prices(&self, call: &Call, request: GetPricesRequest) -> Result<GetPricesResponse, Status> {
        self.note("get_prices", call, &request);
        Ok(GetPricesResponse { agreed: None })
    }
    async fn put_prices(&self, call: &Call, request: PutPricesRequest) -> Result<PutPricesResponse, Status> {
        self.note("put_prices", call, &request);
        Ok(PutPricesResponse { agreed: request.agreed })
    }
}
