"""A plan in a process of its own: arguments as JSON on stdin, lines of JSON on stdout."""

import json
import sys
from typing import Any

from gigawatt.core.cache import cached
from gigawatt.core.errors import InputError
from gigawatt.core.plain import plain
from gigawatt.study.planner import plan
from gigawatt.web.plans import lower_priority


def say(data: dict[str, Any]) -> None:
    print(json.dumps(plain(data), allow_nan=False), flush=True)


def main() -> None:
    """Make the plan; tell how far it is, then the plan or what is wrong with what was asked."""
    told = json.load(sys.stdin)
    lower_priority()
    try:
        with cached():
            say({"plan": plan(**told, progress=lambda done, of: say({"progress": [done, of]})).to_dict()})
    except InputError as error:
        say({"error": str(error)})


if __name__ == "__main__":
    main()
