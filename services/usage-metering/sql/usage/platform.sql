-- What was used with credentials of the platform: the rest is paid to providers by the workspaces themselves.
select currency, cast(sum(cost_nanos) as bigint) as cost_nanos
from usage_quarters
where workspace_id = $1 and at >= $2 and at < $3 and credential_owner = 'platform' and currency <> ''
group by currency
order by currency
