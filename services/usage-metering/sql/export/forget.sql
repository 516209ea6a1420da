delete from exports
where finished_at < $1 and status in ('failed', 'expired')
