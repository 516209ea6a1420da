-- The head stays locked until the transaction ends: entries of one workspace are chained one after the other.
insert into audit_heads (workspace_id, seq, hash, at, signature)
values ($1, 0, $2, $3, $2)
on conflict (workspace_id) do update set seq = audit_heads.seq
returning seq, hash
