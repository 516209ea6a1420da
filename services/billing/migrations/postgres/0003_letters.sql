-- Letters to who pays: what is owed, what was paid, and reminders of what is late.
--
-- tenant: letters

-- Each letter once: whatever tells of it again finds it here.
create table letters (
    workspace_id uuid not null,
    invoice_id uuid not null,
    -- `invoice`, `receipt`, or `reminder:<day>`, counted from the day on which the invoice is due.
    kind text not null,
    -- Who was written to; until then, who would have been when it was queued.
    recipient text not null,
    -- In which language; null until it is written.
    locale text,
    -- `queued`, `sent`, `failed`, or `dropped`: there was no reason for it any more.
    status text not null,
    tries bigint not null,
    -- When it is sent, or tried again; null: no more. While a process sends it, when another one may.
    next_at timestamptz,
    -- Why the last try failed, without addresses.
    error text,
    created_at timestamptz not null,
    sent_at timestamptz,
    primary key (workspace_id, invoice_id, kind)
);
create index letters_due on letters (next_at) where status = 'queued';

-- When the next reminder of it is due; null: there is none any more, or it was closed before there were letters.
alter table invoices add column remind_at timestamptz;
create index invoices_reminded on invoices (remind_at) where status = 'open';
