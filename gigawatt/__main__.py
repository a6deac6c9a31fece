"""`python -m gigawatt` is the command `gigawatt`."""

from gigawatt.cli import main

if __name__ == "__main__":
    main()
