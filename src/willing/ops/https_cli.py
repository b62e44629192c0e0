"""`willing https`: how other devices reach the pages encrypted, without a proxy in front."""

import ssl
from pathlib import Path

import click

from willing.core.clock import now
from willing.core.errors import InstallationFault
from willing.core.paths import secrets_folder
from willing.ops import authority
from willing.ops.https_files import LOCAL, OWN, Https, read_https, remove, write_https
from willing.ops.https_rules import refuse_certificate, refuse_names

FILE_HERE = click.Path(exists=True, dir_okay=False, path_type=Path, resolve_path=True)
RESTART = "restart the server: willing serve --host :: --port 8443 --door 8080 (docs/operate/https.md)"


@click.group()
def https() -> None:
    """Let this server speak HTTPS itself, with the school's certificate or one of this computer's own."""
    if not secrets_folder().is_dir():
        raise click.ClickException(f"there is no installation here ({secrets_folder().parent}): willing init")


@https.command()
def status() -> None:
    """Say which certificate is shown, for which names, until when; exit 1 where it is of no use."""
    found = _read()
    if found is None:
        click.echo("this server speaks HTTP; a proxy in front may speak HTTPS (docs/operate/proxy.md)")
        return
    try:
        shown = authority.certificates(Path(found.certificate))[0]
    except (OSError, ValueError, IndexError) as error:
        raise click.ClickException(f"{found.certificate} cannot be read: {error}") from None
    click.echo(
        f"{'a local authority' if found.kind == LOCAL else 'own certificate'}: {', '.join(found.names)}"
    )
    click.echo(f"valid until {shown.not_valid_after_utc:%Y-%m-%d}, SHA-256 {authority.fingerprint(shown)}")
    if found.kind == LOCAL:
        root = authority.read_authority()
        click.echo(f"devices trust {authority.fingerprint(root)} until {root.not_valid_after_utc:%Y-%m-%d}")
    why = refuse_certificate(
        authority.names_of(shown), shown.not_valid_before_utc, shown.not_valid_after_utc, now()
    )
    if why:
        raise click.ClickException(why)


@https.command()
@click.argument("certificate", type=FILE_HERE)
@click.argument("key", type=FILE_HERE)
def use(certificate: Path, key: Path) -> None:
    """Show CERTIFICATE, with its chain, of KEY.

    Files that are renewed are read anew by themselves.
    """
    if (found := _read()) is not None and found.kind == LOCAL:
        raise click.ClickException("a local authority is in use: willing https local-authority remove")
    try:
        shown = authority.certificates(certificate)[0]
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except (OSError, ValueError, IndexError) as error:
        raise click.ClickException(f"these are no certificate and its key: {error}") from None
    names = authority.names_of(shown)
    if why := refuse_certificate(names, shown.not_valid_before_utc, shown.not_valid_after_utc, now()):
        raise click.ClickException(f"{certificate.name}: {why}")
    write_https(Https(OWN, names, str(certificate), str(key)))
    click.echo(f"{', '.join(names)} until {shown.not_valid_after_utc:%Y-%m-%d}; {RESTART}")


@https.command()
def off() -> None:
    """Speak HTTP again; a certificate of someone else's stays where it is."""
    found = _read() if (secrets_folder() / "https" / "authority.key").exists() else None
    if found is not None and found.kind == LOCAL:
        raise click.ClickException("a local authority is in use: willing https local-authority remove")
    click.echo("HTTP from the next start on" if remove() else "it speaks HTTP already")


@https.group("local-authority")
def local_authority() -> None:
    """Let this computer sign for the school's own names, and for no other."""


@local_authority.command()
@click.argument("names", nargs=-1, required=True)
def make(names: tuple[str, ...]) -> None:
    """Make an authority for NAMES, which each device then trusts, once."""
    if why := refuse_names([one.lower() for one in names]):
        raise click.ClickException(why)
    if _read() is not None:
        raise click.ClickException("HTTPS is set up here already: see `willing https status`")
    authority.make_authority([one.lower() for one in names])
    root = authority.read_authority()
    click.echo(f"SHA-256 {authority.fingerprint(root)}")
    click.echo(f"each device trusts it once, by the page /authority/ of the door; {RESTART}")


@local_authority.command()
def renew() -> None:
    """Sign the server's certificate anew; a running server does it by itself."""
    found = _read()
    if found is None or found.kind != LOCAL:
        raise click.ClickException("there is no local authority here")
    authority.issue(found.names)
    click.echo("signed anew; the running server shows it within ten minutes")


@local_authority.command("remove")
def remove_() -> None:
    """Destroy the authority's key. Remove it from each device, too: nothing new can be signed meanwhile."""
    found = _read()
    if found is None or found.kind != LOCAL:
        raise click.ClickException("there is no local authority here")
    remove()
    click.echo("its key is destroyed; what it signed last expires within thirty days")


def _read() -> Https | None:
    try:
        return read_https()
    except InstallationFault as fault:
        raise click.ClickException(str(fault)) from None
