"""The playground: the compiled world behind a page and an HTTP interface (docs/explanation/web.md)."""
