-- Some at a time: nobody shall wait for a table that somebody has filled.
delete from sign_in_flows
where id in (select id from sign_in_flows where expires_at <= $1 order by expires_at limit 500)
