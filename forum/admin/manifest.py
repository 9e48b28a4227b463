"""What admin says to the rest."""

import click

from forum.admin.queries import permissions_document
from forum.admin.routes import pages
from forum.kernel.feature import Feature


@pages.cli.command("permissions", help="Prints who may do what, as docs/permissions.md has it.")
def permissions() -> None:
    """The table of permissions."""
    click.echo(permissions_document(), nl=False)


FEATURE = Feature(name="admin", blueprints=(pages,))
