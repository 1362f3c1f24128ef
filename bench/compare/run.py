"""Runs the comparison: every program in every cell, one after the other, several rounds."""
import argparse
import json
import os

import cells
import measure
import programs
import report
from server import Server


def options():
    parser = argparse.ArgumentParser(prog="compare.sh", description=__doc__, allow_abbrev=False)
    names = [cell.name for cell in cells.CELLS]
    known = [maker.__name__ for maker in programs.MAKERS]
    parser.add_argument("--cells", type=lambda text: text.split(","), default=names,
                        help="of " + ",".join(names))
    parser.add_argument("--programs", type=lambda text: text.split(","), default=known,
                        help="of " + ",".join(known))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5, help="measured in each cell")
    parser.add_argument("--warmup", type=float, default=1)
    parser.add_argument("--record", default="build/compare.jsonl",
                        help="runs are added to this file, and the table is made of all it holds")
    parser.add_argument("--report", action="store_true", help="only make the table")
    wanted = parser.parse_args()
    for given, allowed in ((wanted.cells, names), (wanted.programs, known)):
        for name in given:
            if name not in allowed:
                parser.error(f"{name} is not one of {', '.join(allowed)}")
    return wanted


def measure_all(wanted):
    taking_part = programs.available(wanted.programs)
    with Server() as server, open(wanted.record, "a") as record:
        for turn in range(wanted.rounds):
            for cell in cells.CELLS:
                if cell.name not in wanted.cells:
                    continue
                # Everybody is first once: what follows a busy neighbour may suffer from it.
                first = turn % len(taking_part)
                for program in taking_part[first:] + taking_part[:first]:
                    if not cell.admits(program):
                        continue
                    figures = measure.run(server, program, cell, wanted.seconds, wanted.warmup)
                    figures |= {"cell": cell.name, "program": program.name}
                    record.write(json.dumps(figures) + "\n")
                    record.flush()
                    said = figures.get("failed") or f"{figures['ops_per_second']:,.0f}/s"
                    print(f"round {turn + 1}: {cell.name} {program.name}: {said}", flush=True)


def main():
    wanted = options()
    os.makedirs(os.path.dirname(os.path.abspath(wanted.record)), exist_ok=True)
    if not wanted.report:
        measure_all(wanted)
    print(report.table(wanted.record))


if __name__ == "__main__":
    main()
