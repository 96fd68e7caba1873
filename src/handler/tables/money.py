"""Money, exactly: from the API's decimal strings in cents to decimal dollars."""

from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation

_EXACT = Context(prec=200, traps=[InvalidOperation, Inexact])


def dollars(cents: object, currency: object) -> str | None:
    """An amount of a cost_report result in US dollars: "12378.912" (cents) gives "123.78912".

    None if the currency is not USD or the amount is not a finite number; the amount itself is
    stored as it came in any case.
    """
    if currency != "USD" or type(cents) not in (str, int, Decimal):
        return None
    try:
        amount = _EXACT.create_decimal(cents)  # type: ignore[arg-type]
    except DecimalException:
        return None
    if not amount.is_finite() or abs(amount.adjusted()) > _EXACT.prec // 2:
        return None
    return format(amount.scaleb(-2, _EXACT), "f")
