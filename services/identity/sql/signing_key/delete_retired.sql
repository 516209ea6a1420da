-- What has signed its last valid token is a risk and nothing else.
delete from signing_keys
where retire_at <= $1
