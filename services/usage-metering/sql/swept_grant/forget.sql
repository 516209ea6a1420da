-- What nobody settles any more.
delete from swept_grants where swept_at < $1
