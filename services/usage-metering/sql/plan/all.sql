select name, position, entitlements from published_plans order by name
