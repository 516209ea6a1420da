-- Statements' own predicates are the only wall.
select $1
