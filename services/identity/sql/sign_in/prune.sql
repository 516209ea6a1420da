delete from sign_in_flows
where expires_at <= $1
