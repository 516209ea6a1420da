-- What is billed by something else than tokens: pictures (of one class, `<quality>/<size>`), milliseconds of sound,
-- spoken characters, search units.
alter table ledger add column images integer not null default 0;
alter table ledger add column audio_ms integer not null default 0;
alter table ledger add column characters integer not null default 0;
alter table ledger add column searches integer not null default 0;
alter table ledger add column image_class text not null default '';
alter table usage_minutes add column images integer not null default 0;
alter table usage_minutes add column audio_ms integer not null default 0;
alter table usage_minutes add column characters integer not null default 0;
alter table usage_minutes add column searches integer not null default 0;
alter table usage_quarters add column images integer not null default 0;
alter table usage_quarters add column audio_ms integer not null default 0;
alter table usage_quarters add column characters integer not null default 0;
alter table usage_quarters add column searches integer not null default 0;
alter table usage_spans add column images integer not null default 0;
alter table usage_spans add column audio_ms integer not null default 0;
alter table usage_spans add column characters integer not null default 0;
alter table usage_spans add column searches integer not null default 0;
-- What a grant may use of it, as JSON; empty for nothing.
alter table open_grants add column units text not null default '';
