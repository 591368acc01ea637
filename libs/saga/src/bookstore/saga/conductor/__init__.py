"""The same sagas on Conductor OSS: its server keeps what comes next, our workers do it.

`compile` turns a saga's table into a workflow; what it means is the table's and nothing else's.
"""
