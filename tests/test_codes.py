"""Guard the codes: each has its words and its document, and none is written as a literal, so that mypy sees it."""

import ast
import re
from pathlib import Path

import pytest

from portal.domain.codes import Code
from portal.models import CardSession
from portal.models.base import StoredCode
from portal.web.problems import PROBLEMS, any_request, card, citizen, counter, operation, problem_of, providers

ROOT = Path(__file__).parents[1]
WINGS = (any_request, card, citizen, counter, operation, providers)
CODES = Path("portal/domain/codes.py")
SOURCES = [path.relative_to(ROOT) for path in sorted((ROOT / "portal").rglob("*.py"))]
ENUMS = {"Enum", "StrEnum"}
TAKE_CODES = {"PortalError", "AskAgain", "StaffReview", "CommandRefused", "stop", "tell_error"}
TAKE_CODES |= {"problem_of", "problem_json", "answer"}


def document(name):
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def name_of(node):
    return getattr(node, "id", getattr(node, "attr", ""))


def codes_in(node):
    return [each for each in ast.walk(node) if isinstance(each, ast.Constant) and each.value in set(Code)]


def written_out(source):
    """Yield the lines where a code is a literal; a code of one word may mean another thing where no code is taken."""
    tree = ast.parse(source)
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    others = {each for node in classes if ENUMS & set(map(name_of, node.bases)) for each in codes_in(node)}
    yield from (each.lineno for each in codes_in(tree) if "-" in each.value and each not in others)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and name_of(node.func) in TAKE_CODES]
    yield from (each.lineno for call in calls for each in codes_in(call))


@pytest.mark.parametrize("source", [source for source in SOURCES if source != CODES], ids=str)
def test_no_code_is_written_as_a_literal(source):
    assert list(written_out((ROOT / source).read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "literal",
    [
        'raise PortalError("not-found")',
        'raise PortalError("nonce-used" if spent else unknown)',
        'stop("Wrong.", code="usage")',
        'problems.problem_of("internal")',
        'if error.code == "card-wanted": pass',
        'class Refusal(Exception):\n    code = "claim-invalid"',
    ],
)
def test_a_literal_would_be_found(literal):
    assert list(written_out(literal))


def test_what_only_looks_like_a_code_is_let_be():
    assert list(written_out('class Ending(StrEnum):\n    REFUSED = "completion-refused"\nstate = "cancelled"')) == []


def test_every_code_is_told_by_some_part_of_the_portal():
    elsewhere = [source for source in SOURCES if source.parts[:3] != ("portal", "web", "problems")]
    nodes = [node for source in elsewhere for node in ast.walk(ast.parse((ROOT / source).read_text(encoding="utf-8")))]
    used = {node.attr for node in nodes if isinstance(node, ast.Attribute) and name_of(node.value) == "Code"}
    assert [code for code in Code if code.name not in used] == []


def test_a_code_has_words_in_one_wing():
    assert len(PROBLEMS) == sum(len(wing.ROWS) for wing in WINGS)
    assert all(problem.code is code for code, problem in PROBLEMS.items())


def test_every_code_with_words_is_in_the_protocol_or_the_cycle_and_every_other_in_the_operations_manual():
    of_pages = document("bridge-protocol.md") + document("registration-cycle.md")
    of_commands = document("operations.md")
    missing = [code for code in Code if f"`{code}`" not in (of_pages if code in PROBLEMS else of_commands)]
    assert missing == []


def test_a_stored_code_that_is_no_more_is_a_fault_of_our_own():
    column = CardSession.__table__.c.problem.type
    assert isinstance(column, StoredCode)
    assert column.process_result_value("of-an-older-version", None) is Code.INTERNAL
    assert column.process_result_value("nonce-used", None) is Code.NONCE_USED
    assert column.process_result_value(None, None) is None


def test_a_code_of_the_command_line_has_no_words_on_pages():
    assert problem_of(Code.USAGE) is PROBLEMS[Code.INTERNAL]


def test_every_code_that_a_template_asks_for_exists():
    pages = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "portal" / "templates").rglob("*.html"))
    asked = re.findall(r'\bcode (?:==|!=|in) (\([^)]*\)|"[^"]*")', pages)
    named = {code for each in asked for code in re.findall(r'"([^"]*)"', each)}
    assert "reason-missing" in named
    assert named - set(Code) == set()
