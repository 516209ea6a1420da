-- Only what was done, and once: whoever has changed it since does that.
update directory_users
set pending = false, undo = null, role_before = $4
where workspace_id = $1 and user_id = $2 and version = $3 and pending
