"""`python -m mbflow` is the same program as `mbflow`."""

from mbflow.cli.main import run

if __name__ == "__main__":
    run()
