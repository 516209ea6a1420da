grant usage on schema {schema} to perpetuo_app;
grant select, insert, update, delete on all tables in schema {schema} to perpetuo_app;
grant usage, select on all sequences in schema {schema} to perpetuo_app;
revoke insert, update, delete on schema_migrations from perpetuo_app;
