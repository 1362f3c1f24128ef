-- What storage::look_at_health() and storage::examine() ask. They read catalogs and statistics, and
-- nothing of any tenant. Times are in seconds.

-- name: Ping :exec
select 1;

-- name: DescribeServer :one
select current_setting('server_version') as "version!",
       current_setting('server_version_num')::integer as "version_number!",
       pg_is_in_recovery() as "standby!",
       current_setting('default_transaction_read_only')::boolean as "read_only!",
       current_setting('fsync')::boolean as "fsync!",
       current_setting('full_page_writes')::boolean as "full_page_writes!",
       current_setting('synchronous_commit') as "synchronous_commit!",
       (select count(*) from pg_class c
         where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
           and c.relpersistence = 'u') as "unlogged_tables!",
       current_user::text as "role!",
       pg_has_role('pg_read_all_stats', 'usage') as "sees_everything!";

-- Sessions of clients, and how many there may be.
-- name: CountSessions :one
select (select count(*) from pg_stat_activity where backend_type = 'client backend') as "sessions!",
       current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint
         - current_setting('reserved_connections')::bigint as "allowed!";

-- The oldest transactions of others in this database, those that wait for their client apart.
-- name: FindLongTransactions :many
select pid as "pid!", coalesce(application_name, '') as "application!",
       state like 'idle in transaction%' as "waits_for_client!",
       extract(epoch from now() - case when state like 'idle in transaction%' then state_change
                                       else xact_start end)::float8 as "seconds!"
  from pg_stat_activity
 where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null
   and state is not null and state_change is not null and backend_type = 'client backend'
 order by 4 desc
 limit 100;

-- Transactions that were prepared for a two-phase commit: nobody may know of them any more.
-- name: FindPreparedTransactions :one
select count(*) as "prepared!",
       coalesce(extract(epoch from now() - min(prepared))::float8, 0) as "seconds!"
  from pg_prepared_xacts where database = current_database();

-- Standbys of this server; those that sees_everything lacks are not listed.
-- name: ListStandbys :many
select coalesce(application_name, '') as "name!", coalesce(state, '') as "state!",
       coalesce(pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn()
                                     else pg_current_wal_lsn() end, replay_lsn), 0)::bigint as "bytes!",
       coalesce(extract(epoch from replay_lag)::float8, 0) as "seconds!"
  from pg_stat_replication
 order by 3 desc;

-- How far a standby is behind: zero on a primary, and where all that came was replayed. One that
-- follows an archive alone names no primary and has no receiver; whether it names one is hidden
-- from most roles, which then miss the receiver all the same.
-- name: MeasureReplayDelay :one
select case when pg_is_in_recovery()
                 and pg_last_wal_receive_lsn() is distinct from pg_last_wal_replay_lsn()
            then coalesce(extract(epoch from now() - pg_last_xact_replay_timestamp())::float8, 0)
            else 0 end as "seconds!",
       pg_is_in_recovery() and not exists (select from pg_stat_wal_receiver where pid is not null)
         and case when pg_has_role('pg_read_all_settings', 'usage')
                  then current_setting('primary_conninfo') <> '' else true end as "cut_off!";

-- name: ListReplicationSlots :many
select slot_name::text as "name!", active as "active!", coalesce(wal_status, '') as "wal_status!",
       coalesce(pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn()
                                     else pg_current_wal_lsn() end, restart_lsn), 0)::bigint as "bytes!"
  from pg_replication_slots
 where not temporary
 order by 4 desc;

-- name: MeasureDatabase :one
select pg_database_size(current_database()) as "bytes!";

-- name: ListExtensions :many
select a.name::text as "name!", e.extversion as installed, coalesce(a.default_version, '') as "available!"
  from pg_available_extensions a
  left join pg_extension e on e.extname = a.name
 where a.name in ('vector', 'pg_stat_statements', 'hypopg')
 order by 1;

-- Those being built right now are not at fault.
-- name: ListInvalidIndexes :many
select i.indexrelid::regclass::text as "index!", i.indrelid::regclass::text as "table!"
  from pg_index i
 where (not i.indisvalid or not i.indisready) and i.indrelid::regclass::text not like 'pg_toast.%'
   and not exists (select from pg_stat_progress_create_index p where p.index_relid = i.indexrelid)
   and not exists (select from pg_class c where c.oid = i.indexrelid and c.relkind = 'I')
 order by 1;

-- Transactions that may still be numbered: at 2^31 the server stops, to save the data.
-- name: MeasureAge :one
select age(datfrozenxid)::bigint as "age!", mxid_age(datminmxid)::bigint as "multixact_age!",
       current_setting('autovacuum_freeze_max_age')::bigint as "vacuumed_at!"
  from pg_database where datname = current_database();

-- Settings that examine() judges. Numbers of bytes and milliseconds, whatever unit the server counts in.
-- name: DescribeSettings :one
select pg_size_bytes(current_setting('shared_buffers')) as "shared_buffers!",
       pg_size_bytes(current_setting('work_mem')) as "work_mem!",
       pg_size_bytes(current_setting('maintenance_work_mem')) as "maintenance_work_mem!",
       pg_size_bytes(current_setting('effective_cache_size')) as "effective_cache_size!",
       pg_size_bytes(current_setting('max_wal_size')) as "max_wal_size!",
       current_setting('max_connections')::integer as "max_connections!",
       current_setting('random_page_cost')::float8 as "random_page_cost!",
       current_setting('jit')::boolean as "jit!",
       current_setting('autovacuum')::boolean as "autovacuum!",
       extract(epoch from current_setting('statement_timeout')::interval)::float8 as "statement_timeout!",
       extract(epoch from current_setting('checkpoint_timeout')::interval)::float8 as "checkpoint_timeout!",
       (select num_timed from pg_stat_checkpointer) as "timed_checkpoints!",
       (select num_requested from pg_stat_checkpointer) as "requested_checkpoints!";

-- Bytes of the largest index of each access method that keeps vectors.
-- name: MeasureVectorIndexes :one
select coalesce(max(pg_relation_size(c.oid)), 0)::bigint as "largest!",
       count(*) filter (where a.amname = 'hnsw') as "hnsw!"
  from pg_class c
  join pg_am a on a.oid = c.relam
 where c.relkind = 'i' and a.amname in ('hnsw', 'ivfflat');

-- name: DescribeRoles :one
select r.rolsuper as "superuser!", r.rolbypassrls as "bypasses!", r.rolname::text as "role!",
       coalesce((select s.rolcanlogin from pg_roles s where s.rolname = 'loci_search'), false)
         as "search_logs_in!"
  from pg_roles r where r.rolname = current_user;

-- Tables with a tenant whose rows are not kept apart, whoever asks.
-- name: ListUnprotectedTables :many
select c.oid::regclass::text as "table!"
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
 where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
   and not (c.relrowsecurity and c.relforcerowsecurity)
 order by 1;
