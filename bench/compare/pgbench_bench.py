"""PostgreSQL's own programs in one cell: pgbench with prepared statements, psql for W5.

pgbench has no logical clients: it runs one for each connection, and throws rows away undecoded.
"""
import pathlib
import resource
import subprocess
import tempfile
import time

import contract

# pgbench cannot make a uuid, so the server hashes a number into one.
KEY = "md5('c' || :n)::uuid"
METADATA = f"'{contract.METADATA}'"


def add_message(conversation):
    return contract.ADD_MESSAGE.format("gen_random_uuid()", conversation, "'user'",
                                       f"'{contract.CONTENT}'", METADATA)


DRAW = "\\set n random(0, 9999)\n"
FRESH = "md5(:c::text)::uuid"
SCRIPTS = {
    "W1": DRAW + contract.W1.format(KEY) + ";\n",
    "W2": DRAW + contract.W2.format(KEY) + ";\n",
    "W3": DRAW + add_message(KEY) + " returning *;\n",
    "W4": "\\set c random(1, 9223372036854775807)\n\\startpipeline\nbegin;\n"
          + contract.ADD_CONVERSATION.format(FRESH, "'user-1'", "'A conversation'", METADATA) + ";\n"
          + (add_message(FRESH) + ";\n") * 10 + "commit;\n\\endpipeline\n",
    "W6": "\\set n random(0, 999)\n"
          + contract.W6.format("(select v from bench_queries where n = :n)") + ";\n",
}
COLUMNS = "bulk_messages (id, conversation_id, role, content, metadata, created_at)"


def cpu_of_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def bulk(dsn, folder):
    rows = folder / "rows"
    make = (f"select gen_random_uuid(), gen_random_uuid(), 'user', '{contract.CONTENT}', "
            f"'{contract.METADATA}'::jsonb, now() from generate_series(1, {contract.BULK_ROWS})")
    psql = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", dsn, "-c"]
    subprocess.run([*psql, f"\\copy ({make}) to '{rows}' (format binary)"], check=True)
    start, cpu = time.perf_counter(), cpu_of_children()
    subprocess.run([*psql, f"\\copy {COLUMNS} from '{rows}' (format binary)"], check=True)
    contract.report(contract.BULK_ROWS, time.perf_counter() - start, cpu_of_children() - cpu)


def clients(wanted, folder):
    script = folder / "script.sql"
    script.write_text(SCRIPTS[wanted.workload])
    connections = min(wanted.clients, wanted.pool)
    length = wanted.warmup + wanted.seconds
    cpu = cpu_of_children()
    subprocess.run(["pgbench", "-n", "-M", "prepared", "-f", script, "-c", str(connections),
                    "-T", str(max(1, round(length))), "-l", "--log-prefix", folder / "log",
                    wanted.dsn], check=True, stdout=subprocess.DEVNULL)
    cpu = cpu_of_children() - cpu
    ends, latencies = [], []
    for log in folder.glob("log.*"):
        for line in log.read_text().splitlines():
            _, _, latency, _, second, microsecond = line.split()[:6]
            ends.append(int(second) + int(microsecond) / 1e6)
            latencies.append(int(latency) / 1e6)
    window = min(ends) + wanted.warmup  # the first end: as good as the start
    inside = [latency for end, latency in zip(ends, latencies) if end >= window]
    # Its CPU is known for the whole run alone; the window gets its share by operations.
    contract.report(len(inside), max(ends) - window, cpu * len(inside) / len(ends), inside)


wanted = contract.options()
with tempfile.TemporaryDirectory() as name:
    if wanted.workload == "W5":
        bulk(wanted.dsn, pathlib.Path(name))
    else:
        clients(wanted, pathlib.Path(name))
