//! Which requests got no attempt?

use crate::{Error, admit::Subject, event::Refused, service::Inner, settle};
use proto::usage::{RecordRefusalRequest, RecordRefusalResponse};

impl Inner {
    /// Queues a log entry. Errors: `INVALID_ARGUMENT`.
    pub fn record_refusal(&self, request: RecordRefusalRequest) -> Result<RecordRefusalResponse, Error> {
        let subject = Subject::read(request.subject.ok_or(Error::invalid("subject", "must be given"))?)?;
        let end = request.request_end.ok_or(Error::invalid("request_end", "must be given"))?;
        self.ledger.refuse(Refused {
            workspace: subject.workspace,
            request: subject.request,
            api_key: subject.api_key,
            user: subject.user,
            team: subject.team,
            operation: subject.operation,
            requested_model: subject.requested_model,
            stream: subject.stream,
            created_at: subject.created_at,
            end: settle::end(end),
        });
        Ok(RecordRefusalResponse {})
    }
}
