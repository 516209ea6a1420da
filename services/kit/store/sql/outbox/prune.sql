-- The newest row stays: readers take its position for the end of the feed.
delete from outbox
where at < $1
  and position < (select max(position) from outbox)
