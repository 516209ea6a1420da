-- Why a request went where it went, a JSON object; empty unless its caller asked for it.
alter table request_logs add column explanation text not null default '';
