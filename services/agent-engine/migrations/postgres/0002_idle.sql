-- Time in which nobody works on an execution (it waits for answers, or its worker has died) is not taken from its deadline.

-- Milliseconds so far.
alter table executions add column idle_ms bigint not null default 0;
-- Since when its worker has left it on purpose; null while one works on it, and where one has died.
alter table executions add column left_at timestamptz;
