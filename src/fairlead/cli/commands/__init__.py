"""One command a file, imported only when it is called; `fairlead.cli.contents` lists them."""
