delete from replays where created_at < $1
