"""Every small change of a module's code that a test ought to notice: one changed node, one mutant.

Changed are conditions, arithmetic, numbers, text, members of enums, elements of collections, arguments, bounds and
statements, in functions as well as outside, because constants and tables are law too. Left as they are: annotations,
decorators, docstrings, names, and text outside functions, which names values and decides nothing.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import EnumType
from types import ModuleType
from typing import TypeVar

Part = TypeVar("Part")

WIDEST = 100
"""Characters of code around a change that tell a reader where it is."""
NEIGHBOURS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
OPPOSITES: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
SWAPPED_CALLS = {"max": "min", "min": "max", "any": "all", "all": "any", "floor": "ceil", "ceil": "floor"}
NOT_CODE = frozenset({"annotation", "returns", "decorator_list", "bases", "type_params"})
CONDITIONS = frozenset({"test", "ifs", "guard"})


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module with one change in it."""

    where: str
    """The module and the function or class in it: `interest.default_interest`."""
    was: str
    becomes: str
    source: str

    @property
    def name(self) -> tuple[str, str, str]:
        """What tells it from all others; it has no line number, which would move with every edit."""
        return self.where, self.was, self.becomes


@dataclass(frozen=True, slots=True)
class Place:
    """A node where it stands: in `parent`, whose `field` it is or is part of."""

    node: ast.AST
    parent: ast.AST
    field: str
    around: tuple[ast.AST, ...]
    """The nodes that it is part of, outermost first."""
    where: str

    def put(self, old: ast.AST, new: ast.AST) -> None:
        """Put another node in the place of `old`."""
        there = getattr(self.parent, self.field)
        if isinstance(there, list):
            there[next(i for i, each in enumerate(there) if each is old)] = new
        else:
            setattr(self.parent, self.field, new)

    @property
    def in_function(self) -> bool:
        return any(isinstance(each, ast.FunctionDef) for each in self.around)

    def seen_from(self) -> ast.AST | None:
        """The widest code around the place that still fits a line; None where the place itself is the widest."""
        widest = None
        for node in reversed(self.around):
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module | ast.If | ast.For | ast.While | ast.With):
                break
            if isinstance(node, ast.expr | ast.stmt):
                if len(ast.unparse(node)) > WIDEST:
                    break
                widest = node
        return widest


def mutants(source: str, module: ModuleType) -> Iterator[Mutant]:
    """The mutants of a module's source, top to bottom, each once; `module` is the same source imported."""
    tree = ast.parse(source)
    enums: dict[str, list[object]] = {
        name: list(each) for name, each in vars(module).items() if isinstance(each, EnumType)
    }
    sources, names = {ast.unparse(tree)}, Counter[tuple[str, str, str]]()
    for place in list(_places(tree, (tree,), module.__name__.rpartition(".")[2])):
        for new in _variants(place, enums):
            mutant = _mutant(tree, place, new)
            if mutant.source in sources:
                continue
            sources.add(mutant.source)
            names[mutant.name] += 1
            if (again := names[mutant.name]) > 1:
                mutant = replace(mutant, becomes=f"{mutant.becomes} ({again})")
            yield mutant


def _mutant(tree: ast.Module, place: Place, new: ast.AST) -> Mutant:
    seen_from = place.seen_from()
    was = _line(seen_from or place.node)
    place.put(place.node, new)
    try:
        return Mutant(place.where, was, _line(seen_from or new), ast.unparse(tree))
    finally:
        place.put(new, place.node)


def _line(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())


def _places(node: ast.AST, around: tuple[ast.AST, ...], where: str) -> Iterator[Place]:
    for field, value in ast.iter_fields(node):
        if field in NOT_CODE:
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or _is_docstring(child):
                continue
            named = isinstance(child, ast.FunctionDef | ast.ClassDef)
            inside = f"{where}.{child.name}" if named else where  # type: ignore[attr-defined]
            yield Place(child, node, field, around, where)
            yield from _places(child, (*around, child), inside)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _variants(place: Place, enums: dict[str, list[object]]) -> Iterator[ast.AST]:
    """What stands in the place of a node, once each."""
    node = place.node
    if place.field in CONDITIONS and not isinstance(place.parent, ast.IfExp):
        yield from (ast.Constant(False), *([] if isinstance(place.parent, ast.While) else [ast.Constant(True)]))
    if isinstance(node, ast.Constant):
        yield from _other_constants(node, place)
    elif isinstance(node, ast.Call):
        yield from _other_calls(node)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        yield from _other_members(node, node.value, enums)
    elif isinstance(node, ast.Tuple | ast.List | ast.Set) and _is_a_value(node, place):
        for i in range(len(node.elts)):
            elements = _without(node.elts, i)
            yield ast.Set(elements) if isinstance(node, ast.Set) else type(node)(elements, ast.Load())
    elif isinstance(node, ast.Dict) and len(node.keys) > 1:
        yield from (ast.Dict(_without(node.keys, i), _without(node.values, i)) for i in range(len(node.keys)))
    elif isinstance(node, ast.stmt):
        yield from _other_statements(node)
    elif isinstance(node, ast.expr):
        yield from _other_operations(node)


def _other_constants(node: ast.Constant, place: Place) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield from (ast.Constant(node.value + 1), ast.Constant(node.value - 1))
    elif isinstance(node.value, str) and node.value and place.in_function:
        yield ast.Constant(f"{node.value}~")


def _other_calls(node: ast.Call) -> Iterator[ast.AST]:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name in SWAPPED_CALLS:
        yield ast.Call(ast.Name(SWAPPED_CALLS[name], ast.Load()), node.args, node.keywords)
    if name in {"max", "min"} and len(node.args) > 1:
        yield from node.args
    if name == "sorted":
        yield ast.Call(ast.Name("list", ast.Load()), node.args, [])
    for i in range(len(node.keywords)):
        yield ast.Call(node.func, node.args, _without(node.keywords, i))


def _other_members(node: ast.Attribute, owner: ast.Name, enums: dict[str, list[object]]) -> Iterator[ast.AST]:
    members = [getattr(each, "name", "") for each in enums.get(owner.id, [])]
    if node.attr in members and len(members) > 1:
        yield ast.Attribute(owner, members[(members.index(node.attr) + 1) % len(members)], ast.Load())


def _other_statements(node: ast.stmt) -> Iterator[ast.AST]:
    if isinstance(node, ast.Raise | ast.AugAssign) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        yield ast.Pass()
    if isinstance(node, ast.AugAssign) and type(node.op) in OPPOSITES:
        yield ast.AugAssign(node.target, OPPOSITES[type(node.op)](), node.value)
    elif isinstance(node, ast.Return) and not isinstance(node.value, ast.Constant | None):
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Continue):
        yield ast.Break()
    elif isinstance(node, ast.Break):
        yield ast.Continue()


def _other_operations(node: ast.expr) -> Iterator[ast.AST]:
    if isinstance(node, ast.Compare):
        for i, each in enumerate(node.ops):
            for other in NEIGHBOURS[type(each)]:
                yield ast.Compare(node.left, [*node.ops[:i], other(), *node.ops[i + 1 :]], node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        for i in range(len(node.values)):
            rest = _without(node.values, i)
            yield ast.BoolOp(node.op, rest) if len(rest) > 1 else rest[0]
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.BinOp) and type(node.op) in OPPOSITES:
        yield ast.BinOp(node.left, OPPOSITES[type(node.op)](), node.right)
    elif isinstance(node, ast.IfExp):
        yield from (node.body, node.orelse)


def _is_a_value(node: ast.Tuple | ast.List | ast.Set, place: Place) -> bool:
    """Not a target of an assignment, and not the parameters of a type."""
    return isinstance(getattr(node, "ctx", ast.Load()), ast.Load) and not isinstance(place.parent, ast.Subscript)


def _without(parts: list[Part], i: int) -> list[Part]:
    return [*parts[:i], *parts[i + 1 :]]
