select count(*) as recent from notifications where channel = $1 and received_at > $2
