"""The comparison's own PostgreSQL 17: made once, its data kept for the next run."""
import fcntl
import os
import pathlib
import subprocess
import time

HERE = pathlib.Path(__file__).parent
PORT = 5546
SETTINGS = """\
listen_addresses = ''
unix_socket_directories = '{socket}'
port = {port}
shared_buffers = 1GB
max_connections = 200
max_wal_size = 4GB
checkpoint_timeout = 30min
autovacuum = off
"""
EMPTY = """
truncate w_messages, w_conversations, bulk_messages;
insert into w_conversations select c.* from conversations c join bench_keys k using (id);
checkpoint;
"""
WARM = "select pg_prewarm(oid) from pg_class where relkind in ('r', 'i') and oid > 16384"
TICKS = os.sysconf("SC_CLK_TCK")
BACKGROUND = (b"postgres: checkpointer", b"postgres: background writer", b"postgres: walwriter",
              b"postgres: logical replication launcher")


def cpu_of(pid, ended_children=False):
    """Seconds of CPU of a process, or of its children that have ended."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    first = 13 if ended_children else 11
    return (int(fields[first]) + int(fields[first + 1])) / TICKS


def is_background(pid):
    """A process of the server's own. A backend that is ending has no command line any more."""
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().startswith(BACKGROUND)
    except (FileNotFoundError, ProcessLookupError):
        return False


class Server:
    """Runs while the `with` block does."""

    def __init__(self):
        root = os.geteuid() == 0
        self.folder = pathlib.Path("/var/lib" if root else "~/.local/share").expanduser() / "loci-bench"
        self.data, self.socket = self.folder / "data", self.folder / "socket"
        self.programs = os.environ.get("LOCI_PG_BIN", "/usr/lib/postgresql/17/bin")
        # PostgreSQL refuses root.
        self.as_owner = ["runuser", "-u", "postgres", "--"] if root else []
        self.dsn = f"postgresql://postgres@/bench?host={self.socket}&port={PORT}"

    def __enter__(self):
        owner = ["-o", "postgres", "-g", "postgres"] if self.as_owner else []
        subprocess.run(["install", "-d", "-m", "700", *owner, self.folder, self.socket], check=True)
        self.lock = (self.folder / "lock").open("w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit(f"another comparison is running in {self.folder}") from None
        if not (self.data / "PG_VERSION").exists():
            self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust",
                     "--locale=C.UTF-8", "-E", "UTF8")
            with (self.data / "postgresql.conf").open("a") as conf:
                conf.write("include 'loci-bench.conf'\n")
        (self.data / "loci-bench.conf").write_text(SETTINGS.format(socket=self.socket, port=PORT))
        (self.data / "loci-bench.conf").chmod(0o644)
        # One that a killed run left behind may have other settings.
        start = "restart" if (self.data / "postmaster.pid").exists() else "start"
        self.run("pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", start)
        self.postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        try:
            self.load()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.run("pg_ctl", "-D", self.data, "-w", "-m", "fast", "stop")

    def run(self, program, *arguments):
        subprocess.run([*self.as_owner, f"{self.programs}/{program}", *arguments], check=True,
                       cwd="/", stdout=subprocess.DEVNULL)

    def sql(self, text, database="bench", file=None):
        command = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d",
                   self.dsn.replace("/bench?", f"/{database}?")]
        command += ["-f", file] if file else []
        done = subprocess.run(command, input=text, text=True, check=True, stdout=subprocess.PIPE,
                              env=os.environ | {"PGOPTIONS": "-c client_min_messages=warning"})
        return done.stdout.strip()

    def load(self):
        # Under another name until it is whole.
        if self.sql("select 1 from pg_database where datname = 'bench'", "postgres") != "1":
            print("making the data; about a minute", flush=True)
            self.sql("drop database if exists bench_half;\ncreate database bench_half", "postgres")
            self.sql("", "bench_half", HERE / "schema.sql")
            self.sql("alter database bench_half rename to bench", "postgres")
        self.sql("create extension if not exists pg_prewarm;\n" + WARM)

    def reset(self, synchronous_commit):
        self.sql(EMPTY + f"alter database bench set synchronous_commit = {synchronous_commit};")

    def children(self):
        listed = pathlib.Path(f"/proc/{self.postmaster}/task/{self.postmaster}/children")
        return listed.read_text().split()

    def wait_for_backends_to_end(self):
        """Until the postmaster has taken note of their ends, and so of their CPU."""
        deadline = time.monotonic() + 10
        while any(not is_background(pid) for pid in self.children()):
            if time.monotonic() > deadline:
                raise RuntimeError("a client's connection is still open")
            time.sleep(0.005)

    def cpu(self):
        """Seconds of ended backends, and of the whole server."""
        ended = cpu_of(self.postmaster, ended_children=True)
        living = sum(cpu_of(pid) for pid in [str(self.postmaster), *self.children()])
        return ended, ended + living
