delete from sign_in_flows
where id = $1
