-- Whether billing has said of any plan what it allows.
select exists (select 1 from plan_limits)
