"""Facts do not change under a decision: every value of the rules is frozen and takes no other attribute."""

import dataclasses
import importlib
import pkgutil

import pytest

import dunning
from dunning.claim import Claim

VALUES = [
    value
    for module in pkgutil.iter_modules(dunning.__path__)
    for value in vars(importlib.import_module(f"dunning.{module.name}")).values()
    if dataclasses.is_dataclass(value) and isinstance(value, type) and value.__module__ == f"dunning.{module.name}"
]


@pytest.mark.parametrize("value", VALUES, ids=[value.__name__ for value in VALUES])
def test_a_value_stays_as_it_is(value: type) -> None:
    names = [field.name for field in dataclasses.fields(value)]
    blank: object = object.__new__(value)
    for name in names:
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(blank, name, None)
    assert hasattr(blank, "__dict__") == (value is Claim), "only a claim keeps something: its account"
