-- Whether another team has this name, or is called so by a directory. The workspace is locked.
select cast(case when name_key = $3 then 1 else 0 end as bigint) as is_name
from teams
where workspace_id = $1 and team_id <> $2 and (name_key = $3 or external_id = $4)
order by is_name desc
limit 1
