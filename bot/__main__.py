"""Where the command line begins: it listens to signals before anything large is loaded."""

from __future__ import annotations

import os
import sys
from typing import Never

from bot.cli import process
from bot.cli.process import prepare_streams


def main() -> Never:
    """Run the command line; what a person can mend ends in one line, never in a traceback."""
    process.handle_signals()
    os.umask(0o077)  # the database, the index and what was imported are their owner's alone
    try:
        prepare_streams()
        code = _run()
        process.ignore_signals()
    except BaseException:
        if process.stop_is_requested():
            process.exit_stopped()
        raise
    sys.exit(code)


def _run() -> int:
    try:
        from bot.cli.commands import run_command

        process.loading_is_done()
        return run_command(sys.argv[1:])
    except Exception as error:  # noqa: BLE001 - the last resort of a program
        if process.stop_is_requested():
            process.exit_stopped()
        from bot.cli.failures import report_failure

        return report_failure(error, as_json="--json" in sys.argv)


if __name__ == "__main__":
    main()
