"""Makes the environment of `scripts/corpus`, then hands over to it. Standard library only: nothing is installed yet."""

from scripts.bench_setup import become

if __name__ == "__main__":
    become("scripts.corpus")
