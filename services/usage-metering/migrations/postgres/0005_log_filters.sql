-- Logs are looked for by these values, which may be rare. What nearly every row has is in no index: a page of it is at the
-- end of the primary key.
create index request_logs_by_key on request_logs (workspace_id, api_key_id, id) where api_key_id is not null;
create index request_logs_by_user on request_logs (workspace_id, user_id, id) where user_id is not null;
create index request_logs_by_provider on request_logs (workspace_id, provider, id) where provider <> '';
create index request_logs_by_requested on request_logs (workspace_id, requested_model, id);
create index request_logs_by_model on request_logs (workspace_id, model, id) where model <> requested_model;
create index request_logs_by_outcome on request_logs (workspace_id, outcome, id) where outcome <> 'completed';
create index request_logs_by_status on request_logs (workspace_id, status_code, id) where status_code <> 200;
