"""The program: `mbflow`, and `python -m mbflow`."""

import gc


def run() -> None:
    """Run the command line of this process, and end it with the verb's exit code."""
    # Python looks for cycles at every 700th object, and hardly any of what is imported is one:
    # to look less often saves a tenth of the start.
    gc.set_threshold(100_000)
    from mbflow.cli import main

    main.run()


if __name__ == "__main__":
    run()
