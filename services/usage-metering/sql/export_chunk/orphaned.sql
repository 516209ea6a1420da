-- What no export knows: its writer was killed while the export was deleted, given up or taken over.
delete from export_chunks
where not exists (
    select 1
    from exports e
    where e.workspace_id = export_chunks.workspace_id
        and e.id = export_chunks.export_id
        and e.tries = export_chunks.try
        and e.status in ('running', 'done')
)
