-- From where a session is used, for the person whose it is.
alter table sessions add column user_agent text;
alter table sessions add column address text;
