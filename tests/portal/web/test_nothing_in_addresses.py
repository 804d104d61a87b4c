"""No MyKey ID, service ID or code is in an address: not in a path, a form, a link, a query or an attribute of htmx."""

import ast
import re
from pathlib import Path

import pytest

import portal
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)

PORTAL = Path(portal.__file__).parent
IN_PATHS = {
    "card_session_id", "file_id", "terminal_id",  # made at random, and good for nothing without session or cookie
    "staff_id",  # of a person who works here, for operators alone
    "visit_number",  # of staff, for the second clerk
    "code", "size",  # of a language, of text
    "kind",  # of a field that is checked while one types
    "whose",  # a citizen's or of staff
    "file", "filename", "name",  # of what is offered to everybody
}  # fmt: skip
IN_QUERIES = {
    "page", "seen", "told", "received", "first", "agree", "digits", "step", "shown", "check",
    "format", "version",
    "id",  # サービス提供ID, which is public
    "number", "digest",  # an entry of the audit chain, which names nobody
}  # fmt: skip
NO_PARAMETERS = {"_anchor", "_external"}
TEMPLATES = sorted((PORTAL / "templates").rglob("*.html"))
VIEWS = sorted((PORTAL / "routes").rglob("*.py")) + sorted((PORTAL / "web").rglob("*.py"))


def test_what_stands_in_a_path_names_no_person_and_opens_nothing(app):
    rules = " ".join(rule.rule for rule in app.url_map.iter_rules())
    assert set(re.findall(r"<(?:[^<>]+:)?(\w+)>", rules)) == IN_PATHS


@pytest.mark.parametrize("file", VIEWS, ids=lambda file: file.stem)
def test_a_view_reads_no_id_from_a_query_and_leads_to_no_address_with_one(file):
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        text = ast.unparse(node) if isinstance(node, ast.Call | ast.Compare | ast.Subscript) else ""
        if isinstance(node, ast.Call) and re.fullmatch(r"request\.(args|values)\.get(list)?", ast.unparse(node.func)):
            assert isinstance(node.args[0], ast.Constant | ast.Name), text
        read = re.findall(r"request\.(?:args|values)\.get(?:list)?\('(\w+)'", text)
        read += re.findall(r"^'(\w+)' (?:not )?in request\.(?:args|values)", text)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "url_for":
            read += [each.arg for each in node.keywords if each.arg]
        assert set(read) <= IN_QUERIES | IN_PATHS, text


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.stem)
def test_a_page_puts_no_id_into_an_address(file):
    source = file.read_text("utf-8")
    for call in re.findall(r"url_for\(((?:[^()]|\([^()]*\))*)\)", source):
        named = set(re.findall(r"(\w+)=", call))
        assert named <= IN_QUERIES | IN_PATHS | NO_PARAMETERS, call
    source = re.sub(r"{% if carried %}.*?({% else %}|{% endif %})", "", source, flags=re.DOTALL)  # goes by POST
    for form in re.findall(r"<form[^>]* method=\"get\"(?:(?!</form>).)*</form>", source, re.DOTALL):
        fields = set(re.findall(r'name="(\w+)"|field\("(\w+)"', form))
        assert {one or other for one, other in fields} <= IN_QUERIES, form
    for address in re.findall(r"(?:href|action|hx-[a-z]+|src)=\"([^\"]*)\"", source):
        assert address.startswith("mailto:") or not re.search(r"[?&]\w+=\{\{", address), address


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.stem)
def test_htmx_asks_by_get_for_states_alone(file):
    for endpoint in re.findall(r"hx-get\W+\{?\{?\s*url_for\(\W(\w+\.\w+)", file.read_text("utf-8")):
        assert endpoint in {"time_left.show", "counter.state", "reception.poll", "card_sessions.state"}
