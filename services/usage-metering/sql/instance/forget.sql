-- Processes come and go under new ids; the old ones hold nothing any more.
delete from instances
where seen_at < $1
    and not exists (select 1 from open_grants o where o.instance_id = instances.id)
