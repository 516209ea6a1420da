-- What provisioning knows of a person holds only until identity's feed has said it.
insert into people (user_id, email, name, position) values ($1, $2, $3, 0)
on conflict (user_id) do nothing
