-- There is one writer at a time.
select cast($1 as text)
