-- Those that were not tried yet, then those whose last try is the longest ago: what fails again and again holds up nobody.
select workspace_id from customers
where credits_told < $1 and (credits_try_at is null or credits_try_at <= $2)
order by case when credits_try_at is null then 0 else 1 end, credits_try_at, workspace_id
limit 100
