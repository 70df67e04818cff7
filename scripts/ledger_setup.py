"""Makes the environment of `scripts/ledger`, then hands over to it. Standard library only."""

from scripts.bench_setup import become

if __name__ == "__main__":
    become("scripts.ledger")
