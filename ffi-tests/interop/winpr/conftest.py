from pathlib import Path


def pytest_addoption(parser):
    parser.addoption("--library", type=Path)
    parser.addoption("--program", type=Path)
    parser.addoption("--winpr")
