"""Joins plugin.py to vpo: a mistake in it ends the call, and what it says goes to the log first. Nothing to change here."""

import functools

from componentize_py_types import Err
from wit_world.imports import log

import plugin


def telling(method):
    """What is raised as Err is an answer of the contract; all else is a mistake."""

    @functools.wraps(method)
    def told(*given):
        try:
            return method(*given)
        except Err:
            raise
        except BaseException as mistake:
            log.write(log.Level.ERROR, "\n".join(in_words(mistake)), [])
            raise

    return told


def in_words(mistake):
    """What the module traceback would say, but for the lines of the source: a plugin has no files to find them in."""
    yield f"{type(mistake).__name__}: {mistake}"
    places = []
    step = mistake.__traceback__.tb_next
    while step is not None:
        code = step.tb_frame.f_code
        places.append(f"    at {code.co_name} ({code.co_filename}:{step.tb_lineno})")
        step = step.tb_next
    yield from reversed(places)


def told(contract):
    """An interface with every function of it telling."""
    methods = {name: telling(method) for name, method in vars(contract).items() if callable(method)}
    return type(contract.__name__, (contract,), methods)


Manifest = told(plugin.Manifest)
{{Kind}} = told(plugin.{{Kind}})
