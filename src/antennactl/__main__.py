"""`python -m antennactl`: the command line."""

from antennactl.cli import main

main()
