"""The invariants of the whole store, executable: `bookstore verify`.

`snapshot` reads the databases as they are at one moment, `invariant` says what an invariant is,
`invariants` is the table of all of them, a module for each subject, and `command` runs it and
names what does not hold.
"""
