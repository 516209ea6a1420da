-- What is billed by something else than tokens: pictures (of one class, `<quality>/<size>`), milliseconds of sound,
-- spoken characters, search units.
alter table ledger add column images bigint not null default 0;
alter table ledger add column audio_ms bigint not null default 0;
alter table ledger add column characters bigint not null default 0;
alter table ledger add column searches bigint not null default 0;
alter table ledger add column image_class text not null default '';
alter table usage_minutes add column images bigint not null default 0;
alter table usage_minutes add column audio_ms bigint not null default 0;
alter table usage_minutes add column characters bigint not null default 0;
alter table usage_minutes add column searches bigint not null default 0;
alter table usage_quarters add column images bigint not null default 0;
alter table usage_quarters add column audio_ms bigint not null default 0;
alter table usage_quarters add column characters bigint not null default 0;
alter table usage_quarters add column searches bigint not null default 0;
alter table usage_spans add column images bigint not null default 0;
alter table usage_spans add column audio_ms bigint not null default 0;
alter table usage_spans add column characters bigint not null default 0;
alter table usage_spans add column searches bigint not null default 0;
-- What a grant may use of it, as JSON; empty for nothing.
alter table open_grants add column units text not null default '';
