select answer from replays where principal = $1 and operation = $2 and key_sha256 = $3
