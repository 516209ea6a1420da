-- Versions of which customers with credits have not been told what those pay for.
select name, version from plans where not credits_told
