-- Where exports go, and how they get there. `destination` is `download`, or JSON without any credential.
alter table exports
    add column destination text not null default 'download',
    -- Sealed, for as long as it is needed.
    add column credential bytea,
    -- Empty: there is nothing to deliver.
    add column delivery text not null default '' check (delivery in ('', 'waiting', 'delivered', 'failed')),
    -- Not before this time; while somebody delivers it, until when they may be silent.
    add column deliver_at timestamptz,
    add column delivery_tries bigint not null default 0,
    add column delivery_failures bigint not null default 0,
    add column delivery_error text not null default '',
    add column delivered_at timestamptz,
    add column delivered_to text not null default '';
create index exports_undelivered on exports (deliver_at) where delivery = 'waiting' and status = 'done';

alter table export_schedules add column credential bytea;

-- How many people a workspace has sent e-mails to on a day of UTC.
alter table export_gates
    add column mailed_on text not null default '',
    add column mailed bigint not null default 0;
