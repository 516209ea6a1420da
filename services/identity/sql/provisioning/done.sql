delete from provisioning
where user_id = $1
