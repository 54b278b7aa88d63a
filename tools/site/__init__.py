"""The documentation site: `make docs` writes its pages into build/docs/source, and the site into build/docs/html."""
