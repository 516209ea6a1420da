-- Rows are only added: what was agreed to before stays as it is.
insert into consents (id, user_id, kind, version, url, accepted_at, address)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (user_id, kind, version) do nothing
