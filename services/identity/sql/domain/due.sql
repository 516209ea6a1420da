-- Of all workspaces: this finds out whose turn it is.
select workspace_id, domain from domains
where verified_at is not null and checked_at <= $1
order by checked_at
limit 100
