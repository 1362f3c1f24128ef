"""Who takes part in the comparison, as far as this machine has what it takes."""
import dataclasses
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).parent
PROJECT = HERE.parent.parent
BUILD = PROJECT / "build/dev/bench"
SHARED = ["bench/loci_bench/options.cpp", "bench/loci_bench/figures.cpp"]
ALL = {"W1", "W2", "W3", "W4", "W5", "W6"}


@dataclasses.dataclass
class Program:
    name: str
    command: list
    workloads: set = dataclasses.field(default_factory=lambda: ALL)
    logical_clients: bool = True  # more clients than connections
    pipelines_reads: bool = False  # many clients over one connection make sense
    is_loci: bool = False
    runs_another: bool = False  # what is measured is its child


class Missing(Exception):
    pass


def compiled(name, *sources, package, version="0"):
    """A C++ program of this folder, compiled anew when a source is newer than it."""
    compiler = shutil.which("g++-14")
    if not compiler:
        raise Missing("g++-14 is not installed")
    if subprocess.run(["pkg-config", f"--atleast-version={version}", package]).returncode:
        raise Missing(f"{package} {version} or newer is not installed")
    program = BUILD / name
    sources = [f"bench/compare/{name}.cpp", *SHARED, *sources]
    seen = [PROJECT / source for source in sources]
    seen += [*HERE.glob("*.hpp"), *(HERE.parent / "loci_bench").glob("*.hpp")]
    if program.exists() and program.stat().st_mtime > max(s.stat().st_mtime for s in seen):
        return [program]
    print(f"compiling {name}", flush=True)
    flags = subprocess.check_output(["pkg-config", "--cflags", "--libs", package, "libpq",
                                     "libxxhash"], text=True).split()
    BUILD.mkdir(parents=True, exist_ok=True)
    subprocess.run([compiler, "-std=c++23", "-O2", "-Ibench", "-Iinclude", "-Isrc", *sources,
                    *flags, "-o", program], check=True, cwd=PROJECT)
    return [program]


def python(name, *modules):
    for module in modules:
        if subprocess.run(["/usr/bin/python3", "-c", f"import {module}"],
                          stderr=subprocess.DEVNULL).returncode:
            raise Missing(f"Python's module {module} is not installed")
    return ["/usr/bin/python3", "-B", HERE / f"{name}.py"]


def loci():
    if not (BUILD / "loci-bench").exists():
        raise Missing("not built: ./dev build loci-bench")
    return Program("loci", [BUILD / "loci-bench"], pipelines_reads=True, is_loci=True)


def libpqxx():
    return Program("libpqxx", compiled("libpqxx_bench", "src/base/uuid.cpp", "src/base/time.cpp",
                                       package="libpqxx", version="7.10"))


def libpq_pipeline():
    return Program("libpq pipeline", compiled("libpq_pipeline_bench", package="libpq"),
                   workloads={"W1", "W2", "W3", "W4"}, pipelines_reads=True)


def asyncpg():
    return Program("asyncpg", python("asyncpg_bench", "asyncpg"))


def psycopg():
    return Program("psycopg 3", python("psycopg_bench", "psycopg", "psycopg_pool"))


def pgbench():
    for program in ("pgbench", "psql"):
        if not shutil.which(program):
            raise Missing(f"{program} is not installed")
    return Program("pgbench", python("pgbench_bench"), logical_clients=False, runs_another=True)


MAKERS = [loci, libpqxx, libpq_pipeline, asyncpg, psycopg, pgbench]


def available(wanted=None):
    found = []
    for maker in MAKERS:
        if wanted and maker.__name__ not in wanted:
            continue
        try:
            found.append(maker())
        except Missing as reason:
            print(f"skipped: {maker.__name__}: {reason}", flush=True)
    return found
