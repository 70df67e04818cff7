"""The texts in which a secret may show: its parts, and how each is written elsewhere."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from interlock.contract.secret_forms import secret_forms, secret_parts

PASSWORD = "p/a#s?s[w@rd"


@pytest.mark.parametrize(
    ("secret", "part"),
    [
        ("postgres://svc:hunter22@db.example/x", "hunter22"),
        (f"postgres://svc:{PASSWORD}@db.example:5432/x", PASSWORD),
        (f"postgres://svc:{quote(PASSWORD, safe='')}@db.example/x?application=a@b", PASSWORD),
        ("redis://:hunter22@[::1]:6379", "hunter22"),
        ("Server=db;User Id=svc;Pwd=hun;ter;Encrypt=yes", ""),
        ("Server=db;User Id=svc;Pwd=hunter22;Encrypt=yes", "hunter22"),
        ("Server=db;Password='hun;ter22'", "hun;ter22"),
        ("Driver=x;PWD={hun;ter22}", "hun;ter22"),
        ("host=db user=svc password=hunter22 dbname=x", "hunter22"),
        (r"host=db password='hun\'ter22'", "hun'ter22"),
        ("AccountName=x;AccountKey=aGVsbG8gd29ybGQ=;Suffix=y", "aGVsbG8gd29ybGQ="),
        ("https://api.example/x?user=svc&api_token=hunter22", "hunter22"),
        ("USER=svc\nAPI_KEY=hunter22\n", "hunter22"),
        ('{"engine": "postgres", "username": "svc", "password": "hunter22", "port": 5432}', "hunter22"),
        ('{"db": {"url": "x", "auth": {"token": "hunter22"}}}', "hunter22"),
        ('["hunter22"]', "hunter22"),
        ('{"password": "postgres://svc:hunter22@db/x"}', "hunter22"),
        ('{"pin_code_token": 123456}', "123456"),
    ],
)
def test_parts_that_are_secret_themselves(secret: str, part: str) -> None:
    parts = secret_parts(secret)
    assert parts[0] == secret
    assert not part or part in parts


@pytest.mark.parametrize(
    ("secret", "word"),
    [
        ('{"engine": "postgres", "username": "service", "password": "hunter22"}', "postgres"),
        ("Server=database;User Id=service;Pwd=hunter22", "database"),
        ("postgres://service:hunter22@db.example/x", "service"),
        ("https://api.example/path", "api.example"),
    ],
)
def test_hosts_and_users_are_no_secrets(secret: str, word: str) -> None:
    assert word not in secret_forms(secret)


@pytest.mark.parametrize("shift", range(5))
def test_a_secret_inside_longer_base64(shift: int) -> None:
    text = base64.b64encode(b"u" * shift + b"hunter22-hunter22" + b"z" * shift).decode()
    assert any(form in text for form in secret_forms("hunter22-hunter22"))


def test_forms_are_bounded() -> None:
    assert len(secret_parts(json.dumps([f"value number {n}" for n in range(10_000)]))) <= 64
    assert secret_forms("abc") == frozenset()
    assert secret_forms("\ud800 lone surrogate")
