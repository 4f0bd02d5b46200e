"""pytest plug-in: the lines that say which program was run, for the table of programs.

A test that uses the fixture `program` notes the program's name, its version, its role and the package; a line
`@program` says `ok` when all tests that noted the same did pass.
"""

import pytest


@pytest.fixture
def program(request):
    def note(name, version, role, package):
        request.node.user_properties.append(("program", (name, version, role, package)))

    return note


def pytest_terminal_summary(terminalreporter):
    rows = {}
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, row in report.user_properties:
                if name == "program":
                    rows[row] = rows.get(row, True) and outcome == "passed"
    for row, good in rows.items():
        terminalreporter.write_line("\t".join(["@program", *row, "ok" if good else "FAILED"]))
