"""`python -m bench`: every figure beside its floor and what was kept before, in one run."""

import argparse

from bench import flame, kept, page
from bench.figure import Figure
from bench.rooms import ROOMS

LINE = "{:>12}  {:>22}  {:>12}  {:>8}  {}"


def main() -> None:
    """Run all measurements, or those named on the command line; keep them where it says so."""
    asked = argparse.ArgumentParser(prog="python -m bench", description="Measure, each figure beside its floor.")
    # With none named, argparse looks for [] among the choices.
    asked.add_argument("rooms", nargs="*", choices=[[], *ROOMS], metavar="room", help=", ".join(ROOMS))
    asked.add_argument("--keep", action="store_true", help="keep the figures, and draw docs/performance.md from them")
    told = asked.parse_args()
    before, run = kept.newest(), kept.Run(kept.facts(), {})
    for name, fact in run.facts.items():
        print(f"{name}: {fact}")
    print(f"kept before: {before.facts.get('date', 'nothing')}", LINE.format(*kept.HEADINGS, "what"), sep="\n")
    for room in told.rooms or ROOMS:
        run.figures[room] = [Figure(*each) for each in ROOMS[room].run()]
        for figure in run.figures[room]:
            print(LINE.format(*kept.cells(figure, before.figure(room, figure.words)), figure.words), flush=True)
    run.facts["load at the end"] = kept.load()
    print(f"load at the end: {run.facts['load at the end']}")
    if told.keep:
        kept.keep(run)
        flame.draw()
        page.write()


if __name__ == "__main__":
    main()
