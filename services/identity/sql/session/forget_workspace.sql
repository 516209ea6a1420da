-- It is gone: whoever was in it is in none, or in the one that they choose next.
update sessions set current_workspace_id = null where current_workspace_id = $1
