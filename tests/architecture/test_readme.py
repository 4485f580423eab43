"""What the README shows is what happens."""

import re
from pathlib import Path

from forecasting.features.own import load_own_features

README = Path(__file__).parents[2] / "README.md"


def test_the_own_feature_of_the_readme_is_one(tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    path = tmp_path / "own.py"
    path.write_text(code)
    assert [each.name for each in load_own_features(path).features] == ["body_of_range"]
