"""Things to show wirecopy with: no part of the installed package."""
