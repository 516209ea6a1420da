-- Where exports go, and how they get there. `destination` is `download`, or JSON without any credential.
alter table exports add column destination text not null default 'download';
-- Sealed, for as long as it is needed.
alter table exports add column credential blob;
-- Empty: there is nothing to deliver.
alter table exports add column delivery text not null default '' check (delivery in ('', 'waiting', 'delivered', 'failed'));
-- Not before this time; while somebody delivers it, until when they may be silent.
alter table exports add column deliver_at integer;
alter table exports add column delivery_tries integer not null default 0;
alter table exports add column delivery_failures integer not null default 0;
alter table exports add column delivery_error text not null default '';
alter table exports add column delivered_at integer;
alter table exports add column delivered_to text not null default '';
create index exports_undelivered on exports (deliver_at) where delivery = 'waiting' and status = 'done';

alter table export_schedules add column credential blob;

-- How many people a workspace has sent e-mails to on a day of UTC.
alter table export_gates add column mailed_on text not null default '';
alter table export_gates add column mailed integer not null default 0;
