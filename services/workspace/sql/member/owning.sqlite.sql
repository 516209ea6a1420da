-- There is one writer at a time.
select hex($1)
