"""`python -m searchapp.cli`: the same as the command `searchapp`."""

from searchapp.cli.app import main

main()
