delete from platform_roles
where user_id = $1
