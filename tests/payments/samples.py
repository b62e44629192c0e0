"""Files as banks write them, made small."""

CAMT = "urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.{version}"


def entry(
    amount="25.00",
    text="",
    *,
    ref="BANK0000000001",
    way="CRDT",
    status="BOOK",
    day="2026-11-25",
    currency="EUR",
    payer="Petra Agrees",
    account="DE89370400440532013000",
    more="",
    details=None,
    modern=True,
    end_to_end="NOTPROVIDED",
    detail_more="",
):
    """Return an entry; details: amount, text and own reference of each part, where there are several."""
    sts = f"<Sts><Cd>{status}</Cd></Sts>" if modern else f"<Sts>{status}</Sts>"
    party = f"<Dbtr><Pty><Nm>{payer}</Nm></Pty></Dbtr>" if modern else f"<Dbtr><Nm>{payer}</Nm></Dbtr>"

    def one(part, said, own):
        sum_ = (
            f'<Amt Ccy="{currency}">{part}</Amt><CdtDbtInd>{way}</CdtDbtInd>'
            if modern
            else (f'<AmtDtls><TxAmt><Amt Ccy="{currency}">{part}</Amt></TxAmt></AmtDtls>')
        )
        refs = f"<AcctSvcrRef>{own}</AcctSvcrRef>" if own else ""
        return (
            f"<TxDtls><Refs>{refs}<EndToEndId>{end_to_end}</EndToEndId></Refs>{sum_}"
            f"<RltdPties>{party}<DbtrAcct><Id><IBAN>{account}</IBAN></Id></DbtrAcct></RltdPties>"
            f"<RmtInf><Ustrd>{said}</Ustrd></RmtInf>{detail_more}</TxDtls>"
        )

    parts = [(amount, text, "")] if details is None else details
    dtls = "".join(one(*part) for part in parts)
    reference = f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else ""
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd>{more}{sts}'
        f"<BookgDt><Dt>{day}</Dt></BookgDt>{reference}<NtryDtls>{dtls}</NtryDtls></Ntry>"
    )


def camt(*entries, kind="053", version="08", iban="DE02120300000000202051", encoding="UTF-8", prefix=""):
    """Return a statement or a notification as bytes."""
    message, report = {
        "053": ("BkToCstmrStmt", "Stmt"),
        "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
        "052": ("BkToCstmrAcctRpt", "Rpt"),
    }[kind]
    space = CAMT.format(kind=kind, version=version)
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>{prefix}\n<Document xmlns="{space}"><{message}>'
        f"<GrpHdr><MsgId>1</MsgId></GrpHdr><{report}><Id>S1</Id><Acct><Id><IBAN>{iban}</IBAN></Id></Acct>"
        f"{''.join(entries)}</{report}></{message}></Document>"
    )
    return text.encode(encoding)


def mt940(*lines, account="12030000/0000202051", closed=True):
    """Return an MT940 statement: lines of `:61:` and `:86:`."""
    body = [":20:STARTUMSE", f":25:{account}", ":28C:00001/001", ":60F:C261124EUR1000,00", *lines]
    if closed:
        body.append(":62F:C261125EUR1025,00")
    return ("\r\n".join([*body, "-"]) + "\r\n").encode()
