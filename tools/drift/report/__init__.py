"""A report, written for a terminal, for programs and for a pull request."""

from tools.drift.report.as_json import as_json
from tools.drift.report.markdown import markdown
from tools.drift.report.text import text

__all__ = ["as_json", "markdown", "text"]
