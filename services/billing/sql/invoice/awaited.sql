-- When the oldest of the invoices for periods that have begun is late.
select min(due_at) as due_at from invoices
where workspace_id = $1 and subscription_id = $2 and status in ('draft', 'open') and change is null
