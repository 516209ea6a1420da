insert into export_chunks (workspace_id, export_id, try, number, bytes)
values ($1, $2, $3, $4, $5)
