"""Runs one program in one cell and gives its figures as a dictionary."""
import json
import os
import pathlib
import subprocess
import tempfile
import time

from server import TICKS

CPUS = os.cpu_count()


def busy_seconds():
    fields = pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _, _, irq, softirq = map(int, fields[:7])
    return (user + nice + system + irq + softirq) / TICKS


def peak_memory(pid):
    """VmHWM in MiB; 0 when the process is gone."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0.0


def children(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def watch_memory(process, of_children):
    """Looks every 20 ms until the process ends; the peak only grows."""
    peak = 0.0
    while True:
        watched = children(process.pid) if of_children else [process.pid]
        peak = max([peak, *(peak_memory(pid) for pid in watched)])
        if process.poll() is not None:
            return peak
        time.sleep(0.02)


def run(server, program, cell, seconds, warmup):
    server.reset(cell.synchronous_commit)
    command = [*program.command, "--dsn", server.dsn, "--workload", cell.workload,
               "--clients", cell.clients, "--pool", cell.pool, "--seconds", seconds,
               "--warmup", warmup, *cell.extra]
    server.wait_for_backends_to_end()
    start, busy = time.monotonic(), busy_seconds()
    backends, whole = server.cpu()
    client = os.times()
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=errors,
                                   text=True)
        peak = watch_memory(process, program.runs_another)
        output = process.stdout.read()
        if process.returncode:
            errors.seek(0)
            return {"failed": errors.read()[-400:]}
    server.wait_for_backends_to_end()
    took, busy = time.monotonic() - start, busy_seconds() - busy
    backends, whole = (after - before for after, before in zip(server.cpu(), (backends, whole)))
    ended = os.times()
    own = ended.children_user + ended.children_system - client.children_user - client.children_system
    own += ended.user + ended.system - client.user - client.system

    line = json.loads([line for line in output.splitlines() if line.startswith("{")][-1])
    # Backends worked through the warm-up too, presumably at the same rate.
    share = 1 if cell.workload == "W5" else seconds / (seconds + warmup)
    ops = max(line["ops"], 1)
    return {
        "ops_per_second": line["ops"] / line["seconds"],
        "client_us": line["cpu_s"] / ops * 1e6,
        "server_us": backends * share / ops * 1e6,
        "p50_ms": line["p50_us"] / 1e3,
        "p99_ms": line["p99_us"] / 1e3,
        "memory_mib": peak,
        "errors": line["errors"],
        "foreign_percent": max(0.0, (busy - whole - own) / (took * CPUS) * 100),
    }
