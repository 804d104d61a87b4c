"""How each command answers: for people, or with `--json` for programs; help in English and Japanese."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from portal.commands.cli_context import AS_JSON, readable, stop_for, tell_error, wants_json
from portal.domain.codes import Code
from portal.domain.errors import AskAgain
from portal.domain.reason import LONGEST, Reason, read_reason

EXIT_CODES = """\
Exit codes: 0 done, 1 refused or failed, 2 wrong usage. Refusals go to standard error.

終了コード：0 完了、1 拒否または失敗、2 使い方の誤り。拒否の理由は標準エラー出力に出ます。
"""


def _read_reason(_context: click.Context, _parameter: click.Parameter, typed: str) -> Reason | None:
    """Read what was typed as the pages do, but for none."""
    try:
        return read_reason(typed) if typed.strip() else None
    except AskAgain:
        told = f"one line of at most {LONGEST} characters, without control characters"
        raise click.BadParameter(told) from None


REASON = click.option("--reason", default="", callback=_read_reason, help="Why, for the audit chain. 理由です。")
Values = Mapping[str, object]


def show(answer: Values | Sequence[Values], sentence: str, none: str = "-") -> None:
    """Print what was done or found: a sentence for each row, or the whole as one JSON value."""
    if wants_json():
        click.echo(json.dumps(answer, ensure_ascii=False, default=str))
        return
    for row in [answer] if isinstance(answer, Mapping) else answer:
        told = {name: none if value is None else readable(str(value)) for name, value in row.items()}
        click.echo(sentence.format_map(told))


class _InTwoLanguages(click.Command):
    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002 - click's
        """Give the first line of each paragraph: the English one and the Japanese one."""
        paragraphs = (self.help or "").split("\n\n")[:2]
        return " ".join(paragraph.strip().partition("\n")[0] for paragraph in paragraphs)


class Command(_InTwoLanguages):
    """A command that can answer in JSON, and says in its help how it ends."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("epilog", EXIT_CODES)
        super().__init__(*args, **kwargs)
        answer = click.Option(
            ["--json"],
            is_flag=True,
            expose_value=False,
            callback=_remember,
            help="Answer with one JSON value; errors as code and message. JSONで答えます。",
        )
        self.params.append(answer)

    def invoke(self, ctx: click.Context) -> Any:
        """Run it, and end with a sentence and a code where it refuses."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            stop_for(error)
            raise


class Group(_InTwoLanguages, click.Group):
    """A group of such commands; what was typed wrongly is told as JSON too where that is asked for."""

    command_class = Command
    group_class = type

    def invoke(self, ctx: click.Context) -> Any:
        """Run what was asked for."""
        words = [*ctx._protected_args, *ctx.args]  # noqa: SLF001 - what follows the group's name
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            if "--json" not in words:
                raise
            tell_error(error.format_message(), Code.USAGE, as_json=True)
            sys.exit(error.exit_code)


def _remember(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's
    ctx.meta[AS_JSON] = value
