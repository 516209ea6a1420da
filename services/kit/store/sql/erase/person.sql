-- The caller publishes another event in the same transaction: the feed is never without its newest one.
delete from outbox
where subject = $1 and kind like 'user.%' and workspace_id is null
