select provider, notification_id, channel, body, received_at, tries from notifications
where look_at <= $1
order by look_at
limit 100
