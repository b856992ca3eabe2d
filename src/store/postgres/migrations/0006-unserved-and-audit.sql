-- Whether a configuration named a destination when somebody last looked, and an index for removing what is old from the audit.

alter table support.destinations add column unserved boolean not null default false;

create index audit_by_at on support.audit (at);
