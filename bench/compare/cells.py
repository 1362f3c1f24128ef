"""What is measured: a workload, its clients and connections, and who can take part."""
import dataclasses


@dataclasses.dataclass
class Cell:
    name: str
    workload: str
    what: str
    clients: int = 64
    pool: int = 10
    synchronous_commit: str = "off"
    extra: tuple = ()

    def admits(self, program):
        if self.workload not in program.workloads or (self.extra and not program.is_loci):
            return False
        if self.pool == 1 and self.workload != "W5":
            return program.pipelines_reads
        return program.logical_clients or self.clients <= 64


CELLS = [
    Cell("W1", "W1", "point read"),
    Cell("W1-1", "W1", "point read over one connection", pool=1),
    Cell("W1-4", "W1", "point read, 256 clients over 4 connections", clients=256, pool=4),
    Cell("W1-threads", "W1", "point read, two event loop threads", extra=("--threads", "2")),
    Cell("W1-slow", "W1", "point read while 1% of the operations are a 20 ms statement",
         extra=("--slow-share", "0.01")),
    Cell("W1-slow-shared", "W1", "the same, that statement declared fit for the shared lane",
         extra=("--slow-share", "0.01", "--slow-shared")),
    Cell("W2", "W2", "list of 50"),
    Cell("W3", "W3", "insert, synchronous_commit off"),
    Cell("W4", "W4", "transaction of 11 inserts, synchronous_commit off"),
    Cell("W4-on", "W4", "transaction of 11 inserts, synchronous_commit on",
         synchronous_commit="on"),
    Cell("W5", "W5", "COPY of 200,000 rows", clients=1, pool=1),
    Cell("W6", "W6", "vector search, top 10"),
]
