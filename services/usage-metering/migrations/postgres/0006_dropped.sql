-- Fields of a request that its provider cannot take, and was not sent: names, separated by commas.
alter table request_logs add column dropped text not null default '';
