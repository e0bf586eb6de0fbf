"""``python -m hrm_probe`` is ``hrm-probe``."""

from hrm_probe.cli import main

if __name__ == "__main__":
    main()
