"""What only all files together can tell: who is whose guardian, and who has no role left."""

from willing.roster.oneroster.bundle import Bundle


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
        "SELECT a.line, u.kind, g.id IS NULL, g.guards FROM agent a JOIN user u ON u.id = a.user"
        " LEFT JOIN user g ON g.id = a.agent"
        " WHERE g.id IS NULL OR (u.kind = 'pupil' AND g.guards = '') ORDER BY a.line"
    ).fetchall()
    for line, kind, is_missing, _ in missing:
        if not is_missing:
            code = "agent_not_guardian"
        else:
            code = "unknown_agent" if kind == "pupil" else "unknown_pupil"
        bundle.report("users", line, code, "agentSourcedIds")


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
