"""What the Python programs of the comparison share: the contract's options, loops and figures."""
import argparse
import asyncio
import json
import random
import resource
import sys
import time
import uuid

CONTENT = ("The quick brown fox jumps over the lazy dog. " * 7)[:300]
METADATA = '{"tokens": 123, "model": "assistant-1"}'
BULK_ROWS = 200_000

W1 = "select * from conversations where id = {0} and deleted_at is null"
W2 = "select * from messages where conversation_id = {0} order by created_at desc limit 50"
ADD_MESSAGE = ("insert into w_messages (id, conversation_id, role, content, metadata) "
               "values ({0}, {1}, {2}, {3}, {4})")
W3 = ADD_MESSAGE + " returning *"
ADD_CONVERSATION = ("insert into w_conversations (id, user_id, title, metadata) "
                    "values ({0}, {1}, {2}, {3})")
W6 = ("select id, 1 - (embedding <=> {0}) as similarity from embeddings "
      "order by embedding <=> {0} limit 10")


def options():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--dsn", required=True)
    parser.add_argument("--workload", required=True, choices=["W1", "W2", "W3", "W4", "W5", "W6"])
    parser.add_argument("--clients", required=True, type=int)
    parser.add_argument("--pool", required=True, type=int)
    parser.add_argument("--seconds", required=True, type=float)
    parser.add_argument("--warmup", required=True, type=float)
    return parser.parse_args()


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def new_id():
    return uuid.UUID(int=random.getrandbits(128), version=4)


def new_message(conversation):
    return (new_id(), conversation, "user", CONTENT, METADATA)


def report(ops, seconds, cpu, latencies=(), errors=0):
    ordered = sorted(latencies)
    at = lambda share: ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0
    print(json.dumps({"ops": ops, "seconds": seconds, "p50_us": at(0.50) * 1e6,
                      "p99_us": at(0.99) * 1e6, "errors": errors, "cpu_s": cpu}))


class Bulk:
    """Times the 200,000 rows of W5: `with Bulk(): ...`, then report."""

    def __enter__(self):
        self.start, self.cpu = time.perf_counter(), cpu_seconds()
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            report(BULK_ROWS, time.perf_counter() - self.start, cpu_seconds() - self.cpu)


async def closed_loops(wanted, operation):
    """Runs `operation()`, which says whether the answer was right, in every client's task."""
    phase = "warmup"
    latencies, errors, told = [], 0, False

    async def client():
        nonlocal errors, told
        start = time.perf_counter()
        while phase != "over":
            try:
                good = await operation()
            except Exception as error:  # counted; the first is told
                good = False
                if not told:
                    told = True
                    print(repr(error), file=sys.stderr)
            end = time.perf_counter()
            if phase == "window":
                if good:
                    latencies.append(end - start)
                else:
                    errors += 1
            start = end

    clients = [asyncio.create_task(client()) for _ in range(wanted.clients)]
    await asyncio.sleep(wanted.warmup)
    phase, start, cpu = "window", time.perf_counter(), cpu_seconds()
    await asyncio.sleep(wanted.seconds)
    phase, seconds, cpu = "over", time.perf_counter() - start, cpu_seconds() - cpu
    await asyncio.gather(*clients)
    report(len(latencies), seconds, cpu, latencies, errors)
