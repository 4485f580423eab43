"""Whoever trains, decides, watches or serves reads the horizons with their stored settings; few may read the file alone."""

import ast

from tests.architecture.sources import TREES

READS_THE_FILE_ALONE = {
    "commands/aliases.py": "names of models",
    "deployments/local/deployment_file.py": "names of horizons; cadences in force are applied once Prefect knows them",
    "commands/monitoring.py": "the name of a model whose breaker is closed",
    "commands/replay.py": "a logged forecast has the settings that it was made with",
    "commands/report.py": "names of models",
    "commands/study.py": "a study of the shipped recipe, the same for everybody",
    "commands/versions.py": "names of models",
    "commands/walks.py": "studies of files, which belong to no installation",
    "serving/app.py": "the watcher joins it with what is stored, again at each change",
}
ROOMS = ("flows/", "tasks/", "serving/", "commands/", "deployments/")


def imports(tree, name):
    return any(
        isinstance(node, ast.ImportFrom) and name in {each.name for each in node.names}
        for node in ast.walk(tree)
    )


def test_only_what_is_named_here_reads_the_horizons_file_alone():
    readers = {
        name for name, tree in TREES.items() if name.startswith(ROOMS) and imports(tree, "load_horizons")
    }
    assert readers == set(READS_THE_FILE_ALONE)


def test_flows_read_the_horizons_in_force():
    readers = {name for name, tree in TREES.items() if imports(tree, "horizons_in_force")}
    flows = ("train_horizon", "main_job", "promote_candidates", "watch_production", "validate_candles")
    assert {f"flows/{name}.py" for name in flows} <= readers
