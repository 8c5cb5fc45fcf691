# SPDX-License-Identifier: MIT
"""One piece of work in a process of its own, beside what its owner does meanwhile."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable


class Aside:
    """What @make answers, made in a forked child, which sees all that its owner has.

    @make must change nothing outside itself. If it fails there, or the child is
    ended, result() makes it here, so that an error is raised where it can be read.
    """

    def __init__(self, make: Callable[[], object]) -> None:
        self.make = make
        context = multiprocessing.get_context("fork")
        self.end, other = context.Pipe(duplex=False)
        self.child = context.Process(target=_send, args=(make, other), daemon=True)
        self.child.start()
        other.close()

    def result(self):
        """Waits for it. To be asked once."""
        try:
            return self.end.recv()
        except EOFError:
            return self.make()
        finally:
            self.end.close()
            self.child.join()


def _send(make: Callable[[], object], end) -> None:
    try:
        end.send(make())
    except BaseException:
        os._exit(1)
