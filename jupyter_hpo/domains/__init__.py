"""The kinds of hyperparameter: Float, Int, Categorical, Bool."""

from .base import UNSET, Domain, When
from .choice import Bool, Categorical
from .edits import domain_from_json
from .number import Float, Int

__all__ = ["UNSET", "Bool", "Categorical", "Domain", "Float", "Int", "When", "domain_from_json"]
