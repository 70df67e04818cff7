"""Owners from several directories, asked at once."""

import asyncio

from interlock import step

DIRECTORIES = {"ldap": {"crm": "ada"}, "hr": {"crm": "bo", "sales": "cy"}}


@step
def domains(value: dict) -> dict:
    return {"domains": sorted(value["domains"])}


@step
async def owners(value: dict) -> dict:
    asked = [ask(name, domain) for name in DIRECTORIES for domain in value["domains"]]
    return {"owners": await asyncio.gather(*asked)}


async def ask(directory: str, domain: str) -> str:
    await asyncio.sleep(0)
    return f"{domain}:{DIRECTORIES[directory].get(domain, 'nobody')}"
