-- Everybody who ever used something.
select workspace_id from ledger
union
select workspace_id from usage_quarters
union
select workspace_id from resource_quarters
