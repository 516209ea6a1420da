select version, source, digest, data, created_at from plans
where version = (select max(newer.version) from plans as newer where newer.name = plans.name)
order by name
