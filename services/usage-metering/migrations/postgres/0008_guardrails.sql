-- What guardrails found, as `name stage action count`, separated by commas: names and numbers, never what it was.
alter table request_logs add column guardrails text not null default '';
