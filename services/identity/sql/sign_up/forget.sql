-- All that were made for an address: it has an account now.
delete from sign_ups
where email = $1
