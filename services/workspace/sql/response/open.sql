-- The response and, up to $4 of them, what it continues. It stops after the one with which it became too large, so that
-- nobody reads more than that into memory.
with recursive conversation (response_id, previous_response_id, provider_id, sealed, depth, total) as (
    select r.response_id, r.previous_response_id, r.provider_id, r.sealed, cast(0 as bigint), r.size
    from responses r
    where r.workspace_id = $1 and r.response_id = $2 and r.until > $3
    union all
    select r.response_id, r.previous_response_id, r.provider_id, r.sealed, c.depth + 1, c.total + r.size
    from conversation c
    join responses r on r.workspace_id = $1 and r.response_id = c.previous_response_id and r.until > $3
    where c.depth < $4 and c.total <= $5
)
select response_id, previous_response_id, provider_id, sealed, total from conversation order by depth desc
