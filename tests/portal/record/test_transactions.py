"""One rule: an act of a service commits, what is in `record` never does, a read says so (portal/transactions.py)."""

import ast
from pathlib import Path

import pytest

import portal
from portal.domain.codes import Code
from portal.domain.errors import PortalError, recorded
from portal.extensions import db
from portal.models import Review
from portal.transactions import acting
from tests.conftest import NOW

PORTAL = Path(portal.__file__).parent
SERVICES = PORTAL / "services"
MODULES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PORTAL.rglob("*.py"))}
SAYS = {"act", "reads"}
BLOCKS = {"acting", "reading", "rest"}
CLASSES = {
    node.name: (path, node)
    for path, module in MODULES.items()
    if SERVICES in path.parents
    for node in module.body
    if isinstance(node, ast.ClassDef) and "Service" in {base.id for base in node.bases if isinstance(base, ast.Name)}
}
RECORD = {name for name, (path, _) in CLASSES.items() if "record" in path.parts} - {"Audit"}
"""What says nothing of itself; the chain's head is read without an act."""


def names(nodes):
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def own(node):
    """Return the attributes of `self` that are read anywhere in a method."""
    return {
        each.attr
        for each in ast.walk(node)
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id == "self"
    }


def says(method):
    """Tell whether a method is decorated, or does all it does to the database in blocks that say how."""
    return names(method.decorator_list) & SAYS or any(
        names([each.func]) & BLOCKS for each in ast.walk(method) if isinstance(each, ast.Call)
    )


def unsaid(service):
    """Name the public methods that reach the database without saying how, by themselves or by what says nothing."""
    methods = {each.name: each for each in service.body if isinstance(each, ast.FunctionDef) and not says(each)}
    fields = {each.target.id: each.annotation for each in service.body if isinstance(each, ast.AnnAssign)}
    reaching = {"database"} | {name for name, kind in fields.items() if names([kind]) & RECORD}
    while more := {name for name, method in methods.items() if name not in reaching and own(method) & reaching}:
        reaching |= more
    return [name for name in methods if name in reaching and not name.startswith("_")]


def test_only_the_rule_itself_commits_and_rolls_back():
    said = {
        path.relative_to(PORTAL).as_posix()
        for path, module in MODULES.items()
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and node.attr in ("commit", "rollback")
    }
    assert said == {"transactions.py"}


def test_what_is_in_the_record_is_always_part_of_somebody_elses_act():
    said = {
        node.name
        for path, module in MODULES.items()
        if SERVICES / "record" in path.parents
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef) and names(node.decorator_list) & SAYS
    }
    assert said == set()


def test_every_method_of_a_wing_that_reaches_the_database_says_whether_it_acts_or_reads():
    wings = {name: service for name, (path, service) in CLASSES.items() if "record" not in path.parts}
    assert len(wings) > 15
    assert {name: found for name, service in wings.items() if (found := unsaid(service))} == {}


def review(key):
    return Review(review_key=key, code=Code.RENEWAL_ORDER, facts={}, opened_at=NOW)


@pytest.mark.parametrize(("mark", "kept"), [(recorded, 1), (lambda refusal: refusal, 0)])
def test_a_refusal_keeps_what_its_act_wrote_only_where_it_says_so(app, mark, kept):
    with app.app_context():
        with pytest.raises(PortalError), acting(db.session):  # noqa: PT012 - the act is what raises
            db.session.add(review("a"))
            db.session.flush()
            raise mark(PortalError(Code.NOT_FOUND))
        assert db.session.query(Review).count() == kept


def test_an_act_within_an_act_is_a_part_of_it(app):
    with app.app_context():
        with pytest.raises(PortalError), acting(db.session):  # noqa: PT012 - the act is what raises
            with acting(db.session):
                db.session.add(review("a"))
            raise PortalError(Code.NOT_FOUND)
        assert db.session.query(Review).count() == 0


def test_an_act_reads_anew_what_was_read_before_it(app):
    with app.app_context(), acting(db.session):
        db.session.add(review("a"))
    with app.app_context():
        before = db.session.get(Review, "a")
        with acting(db.session):
            assert db.session.get(Review, "a") is not before
