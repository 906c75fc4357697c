"""What the matching of controls leaves out, in words."""


def without_control(n: int) -> str:
    """Say how many patients were left out because no control was near enough.

    Examples
    --------
    >>> without_control(1), without_control(12)
    ('1 patient without a control near enough is left out', '12 patients without a control near enough are left out')
    """
    who, are = ("patient", "is") if n == 1 else ("patients", "are")
    return f"{n:,} {who} without a control near enough {are} left out"
