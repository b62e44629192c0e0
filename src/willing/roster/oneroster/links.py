"""What only all files together can tell: who is whose guardian, and who has no role left."""

from willing.roster.oneroster.bundle import ORG, SESSION, Bundle
from willing.roster.staging import NOTE_CODES


def settle_links(bundle: Bundle) -> None:
    """Turn agents, whichever side names them, into links of a pupil and a guardian."""
    may_pupil = "(p.id IS NULL OR p.kind IN ('pupil', '?'))"
    may_guard = "(g.id IS NULL OR g.guards <> '')"
    known = "" if not bundle.is_bulk("users") else "AND p.id IS NOT NULL AND g.id IS NOT NULL"
    for pupil, guardian in (("user", "agent"), ("agent", "user")):
        bundle.staging.db.execute(
            f"INSERT OR IGNORE INTO link"  # noqa: S608
            f" SELECT a.{pupil}, a.{guardian}, coalesce(nullif(g.guards, '?'), '') FROM agent a"
            f" LEFT JOIN user p ON p.id = a.{pupil} LEFT JOIN user g ON g.id = a.{guardian}"
            f" WHERE {may_pupil} AND {may_guard} {known}"
        )
    if bundle.is_bulk("users"):  # guardians of nobody here are not ours to know
        bundle.staging.db.execute("DELETE FROM guardian WHERE external_id NOT IN (SELECT guardian FROM link)")


def check_agents(bundle: Bundle) -> None:
    """Report agents who are not in users.csv, or are no guardians."""
    missing = bundle.staging.db.execute(
        "SELECT a.line, u.kind, g.id IS NULL, u.id FROM agent a JOIN user u ON u.id = a.user"
        " LEFT JOIN user g ON g.id = a.agent"
        " WHERE g.id IS NULL OR (u.kind = 'pupil' AND g.guards = '') ORDER BY a.line"
    ).fetchall()
    for line, kind, is_missing, user in missing:
        if not is_missing:
            code = "agent_not_guardian"
        else:
            code = "unknown_agent" if kind == "pupil" else "unknown_pupil"
        bundle.report("users", line, code, "agentSourcedIds", about=user)


def settle_roles(bundle: Bundle) -> None:
    """Report roles of nobody; in a delta, let everyone leave whose only role was deleted."""
    if bundle.is_bulk("users"):
        lost = "SELECT line FROM role WHERE user NOT IN (SELECT id FROM user) ORDER BY line"
        for (line,) in bundle.staging.db.execute(lost).fetchall():
            bundle.report("roles", line, "unknown_user", "userSourcedId")
        return
    # Whose only role here was taken away has left, whether or not users.csv has a row of theirs.
    bundle.staging.db.execute(
        "REPLACE INTO person SELECT user, gone, '', '', '', 0, 1 FROM role"
        " WHERE gone <> '' AND kind = '' AND user NOT IN (SELECT external_id FROM person WHERE is_leaving)"
    )


def settle_refusals(bundle: Bundle) -> None:
    """Let what is wrong with rows about nobody here be a note, and let all others stay as they are.

    About people here is a row of a pupil or member of staff of this school, of a guardian of one, and of
    anyone who is known here already.
    """
    db, staging = bundle.staging.db, bundle.staging
    ours = (
        "SELECT id FROM user WHERE kind <> '' UNION SELECT guardian FROM link UNION SELECT id FROM here"
        " UNION SELECT user FROM role WHERE kind <> ''"
    )
    abouts = db.execute(f"SELECT DISTINCT about, about IN ({ours}) FROM fault WHERE about <> ''").fetchall()  # noqa: S608
    for about, is_ours in abouts:
        is_used = about.removeprefix(SESSION) in bundle.sessions_used
        if not (is_ours or about == ORG + staging.org or (about.startswith(SESSION) and is_used)):
            staging.forgive(about)
            continue
        for kind in ("person", "guardian"):
            if staging.find(_REFUSED, about):
                staging.refuse(kind, about)
    staging.leave_out_refused()


_REFUSED = f"SELECT 1 FROM fault WHERE about = ? AND code NOT IN ({NOTE_CODES})"  # noqa: S608
