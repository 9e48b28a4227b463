"""What admin says to the rest."""

import click

# Each of these modules of routes puts its pages on the desk's one blueprint, `pages`, as it is imported: nothing of
# them is named here, and without the import their pages would not be there.
from forum.admin import routes as _desk  # noqa: F401
from forum.admin.acts import routes as _acts  # noqa: F401
from forum.admin.desk import pages
from forum.admin.entries.routes import pages as entries
from forum.admin.queries import permissions_document
from forum.admin.setup import routes as _setup  # noqa: F401
from forum.kernel.feature import Feature


@pages.cli.command("permissions", help="Prints who may do what, as docs/permissions.md has it.")
def permissions() -> None:
    """The table of permissions."""
    click.echo(permissions_document(), nl=False)


FEATURE = Feature(name="admin", blueprints=(pages, entries))
