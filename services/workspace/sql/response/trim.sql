-- The oldest beyond the number and the bytes that a workspace may have.
delete from responses where (workspace_id, response_id) in (
    select ranked.workspace_id, ranked.response_id
    from (
        select
            workspace_id,
            response_id,
            row_number() over newest as place,
            sum(size) over newest as total
        from responses
        window newest as (partition by workspace_id order by created_at desc, response_id)
    ) ranked
    where ranked.place > $1 or ranked.total > $2
)
