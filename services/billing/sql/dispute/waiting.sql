-- Those that somebody has to answer.
select count(*) from disputes where status in ('inquiry', 'needs_response')
