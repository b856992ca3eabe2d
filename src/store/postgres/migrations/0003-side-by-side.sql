-- How old a program may be that works with this schema, so that an older one goes on while a newer one is put beside it (decision 0011).
-- A migration that takes away what older programs use says so here: update support.schema_version set oldest = N.

alter table support.schema_version add column oldest integer not null default 1;
