-- How old a program may be that works with this schema, so that it serves on while a newer one is put beside it.

-- A migration that takes away what older programs use says so in its own text (decision 0011): update support.schema_version set oldest = N;
alter table support.schema_version add column oldest integer not null default 1;
