-- Workspaces that spent at least $3 nano-units of some currency, or used $4 tokens, in an hour of [$1, $2) that nobody
-- was told of. Going from workspace to workspace by the primary key, so that old hours are not read.
with recursive workspaces(id) as (
    select (select workspace_id from usage_spans order by workspace_id limit 1)
    union all
    select (select n.workspace_id from usage_spans n where n.workspace_id > w.id order by n.workspace_id limit 1)
    from workspaces w
    where w.id is not null
)
select distinct s.workspace_id, s.at
from workspaces w
join usage_spans s on s.workspace_id = w.id
where s.span = 'hour'
    and s.face = 'model'
    and s.at >= $1
    and s.at < $2
    and not exists (select 1 from usage_anomalies a where a.workspace_id = s.workspace_id and a.at = s.at)
group by s.workspace_id, s.at, s.currency
having sum(s.cost_nanos) >= $3
    or sum(
        s.input_tokens + s.cache_read_tokens + s.cache_write_5m_tokens + s.cache_write_1h_tokens
        + s.audio_input_tokens + s.image_input_tokens + s.output_tokens + s.audio_output_tokens + s.image_output_tokens
    ) >= $4
order by s.at, s.workspace_id
limit 1000
