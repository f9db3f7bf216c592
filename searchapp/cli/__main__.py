"""Run the command `searchapp` as `python -m searchapp.cli`."""

from searchapp.cli.app import main

main()
