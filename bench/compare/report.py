"""The table of a comparison: medians over the rounds, and ratios against libpqxx."""
import json
import statistics

from cells import CELLS

COLUMNS = [
    ("ops/s", "ops_per_second", ",.0f"),
    ("client us/op", "client_us", ".1f"),
    ("server us/op", "server_us", ".1f"),
    ("p50 ms", "p50_ms", ".2f"),
    ("p99 ms", "p99_ms", ".2f"),
    ("memory MiB", "memory_mib", ".0f"),
    ("errors", "errors", ".0f"),
    ("foreign %", "foreign_percent", ".0f"),
]


def medians(runs):
    return {key: statistics.median(run[key] for run in runs) for _, key, _ in COLUMNS}


def table(record):
    """Markdown, from a file of one JSON object a run."""
    runs = {}
    with open(record) as lines:
        for run in map(json.loads, lines):
            if "failed" not in run:
                runs.setdefault(run["cell"], {}).setdefault(run["program"], []).append(run)
    titles = ["cell", "program", *(title for title, _, _ in COLUMNS), "x libpqxx", "runs"]
    out = ["| " + " | ".join(titles) + " |",
           "|---|---|" + "---:|" * (len(titles) - 2)]
    for cell in CELLS:
        by_program = {name: (medians(some), len(some)) for name, some in runs.get(cell.name, {}).items()}
        base = by_program.get("libpqxx", (None, 0))[0]
        for name, (figures, count) in by_program.items():
            shown = [format(figures[key], style) for _, key, style in COLUMNS]
            ratio = f"{figures['ops_per_second'] / base['ops_per_second']:.2f}" if base else "-"
            out.append("| " + " | ".join([cell.name, name, *shown, ratio, str(count)]) + " |")
    return "\n".join(out)
