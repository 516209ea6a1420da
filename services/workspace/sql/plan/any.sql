-- Whether billing has said of any plan all that this release keeps.
select exists (select 1 from plan_limits where revision >= 2)
