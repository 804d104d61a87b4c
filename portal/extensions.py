"""Flask's extensions, made once and bound to an application by create_app."""

from flask_babel import Babel
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from portal import transactions  # noqa: F401 - how every engine begins a transaction
from portal.models import Base

db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
csrf = CSRFProtect()
babel = Babel()
