-- A transaction that writes is alone from its beginning.
select 1 as locked
