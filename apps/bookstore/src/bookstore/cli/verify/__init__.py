"""The invariants of the whole store, executable: `bookstore verify`.

`snapshot` reads the databases as they are at one moment, `invariants` is the table of what must
hold, `command` runs it and names what does not.
"""
