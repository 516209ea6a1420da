-- One after the other: two who make the same person an owner must see each other.
select pg_advisory_xact_lock(hashtextextended('perpetuo owner ' || $1::uuid::text, 0))::text
