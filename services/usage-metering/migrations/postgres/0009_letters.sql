-- Whom a letter with the export was sent to, and who does not get one: JSON, from the id of a person to why not.
alter table exports add column letters text not null default '{}';
