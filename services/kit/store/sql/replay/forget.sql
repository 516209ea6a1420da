delete from replays where principal = $1
