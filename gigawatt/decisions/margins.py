"""What a lab earns on the compute that it holds: identities of revenue, margin and profit (systems.md S20).

Compute is the whole cost; the share of it that serves customers earns a gross margin, the rest trains. Arguments may be
arrays; all functions run under jit, vmap and grad.
"""

from gigawatt.decisions.elementwise import require


def _check_lab(inference_share, gross_margin) -> None:
    phi = inference_share
    require("inference_share", phi, (phi > 0.0) & (phi <= 1.0), "it is a share of compute in (0, 1]")
    require("gross_margin", gross_margin, gross_margin < 1.0, "a margin of 1 or more would need free compute")


def revenue_per_compute(inference_share, gross_margin):
    """Revenue over the whole compute bill: phi / (1 - m). [ratio]

    `inference_share` phi of compute serves customers at `gross_margin` m. Raises InputError unless 0 < phi <= 1 and
    m < 1.
    """
    _check_lab(inference_share, gross_margin)
    return inference_share / (1.0 - gross_margin)


def profit_per_compute(inference_share, gross_margin):
    """Profit over the whole compute bill: phi / (1 - m) - 1. [ratio]

    (phi - (1 - m)) / (1 - m), so that it is exactly 0 at break-even. Arguments and errors as above.
    """
    _check_lab(inference_share, gross_margin)
    return (inference_share - (1.0 - gross_margin)) / (1.0 - gross_margin)


def profit_per_revenue(inference_share, gross_margin):
    """Profit over revenue: 1 - (1 - m) / phi. [share] Arguments and errors as above."""
    _check_lab(inference_share, gross_margin)
    return (inference_share - (1.0 - gross_margin)) / inference_share


def breakeven_margin(inference_share):
    """Gross margin at which a lab breaks even: 1 - phi, the share of compute that does not serve. [share]"""
    return 1.0 - inference_share
