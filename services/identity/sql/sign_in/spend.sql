-- Of two who exchange the same code at once one gets it.
delete from sign_in_flows
where id = $1 and key_sha256 = $2
