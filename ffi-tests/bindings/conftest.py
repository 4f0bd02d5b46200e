"""The lines that say what was run, for the table of programs."""

from collections import defaultdict

collect_ignore_glob = ["python*/*", "node/*"]


def pytest_terminal_summary(terminalreporter):
    rows = defaultdict(lambda: True)
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, value in report.user_properties:
                if name == "program":
                    rows[value] &= outcome == "passed"
    for row, good in rows.items():
        terminalreporter.write_line("\t".join(["@program", *row, "ok" if good else "FAILED"]))
