-- Whoever takes an execution up asks what was asked before, in the same words, also with a newer release that would put it otherwise:
-- the same call under the same key is paid for once. JSON; null once the step has ended, and for calls of older releases.
alter table calls add column body text;
