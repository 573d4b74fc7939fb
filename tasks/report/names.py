"""What people call things."""

STEP_NAMES = {1: "payment reminder", 2: "second notice", 3: "final warning"}


def step_name(level: int) -> str:
    """The usual name of a level's notice."""
    return STEP_NAMES.get(level, f"notice {level}")
