"""Mails to owners."""

from interlock import step


@step
def notify(value: dict) -> dict:
    mails = [mail_for(table) for table in value["tables"]]
    return {"sent": len(mails), "to": sorted({mail["to"] for mail in mails})}


def mail_for(table: dict) -> dict:
    to = table["owner"]["mail"]
    return {"to": to.lower(), "subject": f"New table {table['title']}"}
