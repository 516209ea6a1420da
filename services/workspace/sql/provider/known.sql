-- What routing settings may name: disabled providers too, which may be switched on again.
select kind, name, models from providers where workspace_id = $1 order by provider_id
