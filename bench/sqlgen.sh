#!/usr/bin/env bash
# loci-sqlgen over 500 files of 4 queries each, on a schema of 100 tables: a whole run with its private
# server, and a run without changes. bench/README.md has the question and what came out.
set -euo pipefail
program=${1:-build/dev/apps/loci-sqlgen}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/queries"
export XDG_CACHE_HOME=$work/cache

for ((i = 0; i < 100; ++i)); do
  echo "create table t$i (id bigint primary key, name text not null, note text," \
    "at timestamptz not null default now(), parent bigint references t$((i > 0 ? i - 1 : 0)));"
done >"$work/schema.sql"
for ((i = 0; i < 500; ++i)); do
  cat >"$work/queries/file$i.sql" <<SQL
-- name: Get$i :one
select * from t$((i % 100)) where id = @id;
-- name: List$i :many
select a.id, a.name, b.note
  from t$((i % 100)) a left join t$(((i + 1) % 100)) b on b.parent = a.id
 where a.name = @name order by a.id limit @most;
-- name: Put$i :exec
insert into t$((i % 100)) (id, name, note) values (@id, @name, sqlc.narg(note));
-- name: Count$i :one
select count(*) as n from t$((i % 100)) where at > @since;
SQL
done

run() {  # run LABEL OPTION...
  local label=$1 begin=$EPOCHREALTIME end
  shift
  "$program" generate --schema "$work/schema.sql" --queries "$work/queries" --out "$work/out" "$@"
  end=$EPOCHREALTIME
  awk -v label="$label" -v begin="$begin" -v end="$end" \
    'BEGIN { printf "%-10s %6.2f s\n", label, end - begin }'
}
for _ in 1 2 3; do
  rm -rf "$work/out" "$work/cache"
  run whole
  run unchanged
done
