"""``hrm-probe recipes [RECIPE]``."""

from typing import Annotated

import typer


def recipes_command(
    recipe: Annotated[
        str | None,
        typer.Argument(help="A bundled recipe's name, or a TOML file; all are listed if none is named."),
    ] = None,
) -> None:
    """List the bundled recipes, or print every setting of one as TOML, to be changed and trained."""
    from hrm_probe.training.recipe import load_recipe
    from hrm_probe.training.recipe_text import as_toml, purposes

    if recipe is not None:
        print(as_toml(load_recipe(recipe)), end="")
        return
    listed = purposes()
    width = max(map(len, listed))
    for name, purpose in listed.items():
        print(f"{name:{width}}  {purpose}")
