-- In the order in which they are used: what expires first, then what was given away, then what is older.
select grant_id, category, currency, amount, note, created_at, expires_at
from credit_grants
where workspace_id = $1 and not is_over and (expires_at is null or expires_at > $2)
order by
    case when expires_at is null then 1 else 0 end, expires_at,
    case category when 'promotional' then 0 else 1 end, grant_id
