-- For the rest of the transaction: a plan that is made once for all values takes rare ones for common.
select set_config('plan_cache_mode', 'force_custom_plan', true) as mode
