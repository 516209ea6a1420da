-- One is enough: all of them are wrapped by the same master key.
select workspace_id, wrapped from data_keys limit 1
