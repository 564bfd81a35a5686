"""``python -m augury`` is ``augury``."""

from augury.cli.main import main

if __name__ == "__main__":
    main()
