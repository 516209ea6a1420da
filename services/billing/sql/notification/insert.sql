insert into notifications (provider, notification_id, channel, body, received_at, look_at, tries)
values ($1, $2, $3, $4, $5, $5, 0)
on conflict (provider, notification_id) do nothing
