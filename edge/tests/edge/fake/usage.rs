use super::{Fakes, KEY_ID, REQUEST, at, unused};
use proto::{Call, Reason, usage::*};
use tonic::Status;

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
        currency: "USD".into(),
        duration_ms: 120,
        attempts: vec![Attempt { attempt: 1, provider: "acme-openai".into(), ..Attempt::default() }],
        ..RequestLog::default()
    }
}

#[tonic::async_trait]
impl Service for Fakes {
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
        Ok(GetUsageResponse {
            total_requests: 3,
            total_input_tokens: 33,
            total_output_tokens: 21,
            total_cost_micros: 42,
            currency: "USD".into(),
            from: request.from.or(at(1_790_000_000)),
            to: request.to.or(at(1_790_000_100)),
            unpriced_requests: 1,
        })
    }
    async fn get_usage_by_provider(
        &self,
        call: &Call,
        request: GetUsageByProviderRequest,
    ) -> Result<GetUsageByProviderResponse, Status> {
        self.note("get_usage_by_provider", call, &request);
        let usage = ProviderUsage { provider: "acme-openai".into(), requests: 3, ..ProviderUsage::default() };
        Ok(GetUsageByProviderResponse { providers: vec![usage] })
    }
}
