"""The page of a provider's card reader, beside the reception app in another tab or window."""

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from demo.cards import AT_SHOPS
from demo.shop import Shop
from portal.domain.formats.typed_code import grouped

bp = Blueprint("shop", __name__, url_prefix="/shop")


@bp.get("")
def first() -> Response:
    """Lead to the first provider's reader."""
    return redirect(url_for(".show", name=next(iter(shops()))))


@bp.get("/<name>")
def show(name: str) -> str:
    """Show the reader, its cards, and how the reception app is bound to its terminal."""
    shop = _shop(name)
    card, told = shop.told or (None, None)
    code = shop.code()
    return render_template(
        "shop.html",
        place=shop.place,
        code=code and grouped(code),
        cards=AT_SHOPS,
        tapped=next((each for each in AT_SHOPS if each.name == card), None),
        told=told,
    )


@bp.post("/<name>/tap")
def tap(name: str) -> Response:
    """Hold a card over the reader."""
    shop, card = _shop(name), request.form.get("card", "")
    if card not in {each.name for each in AT_SHOPS}:
        abort(400)
    shop.tap(card)
    return redirect(url_for(".show", name=name), 303)


@bp.post("/<name>/code")
def make_code(name: str) -> Response:
    """Make another code that binds a browser to the terminal."""
    _shop(name).new_code()
    return redirect(url_for(".show", name=name), 303)


def shops() -> dict[str, Shop]:
    found: dict[str, Shop] = current_app.config["SHOPS"]
    return found


def _shop(name: str) -> Shop:
    return shops().get(name) or abort(404)
