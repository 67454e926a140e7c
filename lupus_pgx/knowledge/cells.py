"""Types of the rows of tables, for type checkers only: they stand in the stub beside this file."""
