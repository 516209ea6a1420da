-- Some at a time: nobody shall wait for a table that somebody has filled.
delete from passkey_challenges
where sha256 in (select sha256 from passkey_challenges where expires_at <= $1 order by expires_at limit 500)
