"""Avro in the wire format of schema registries: payloads and the schemas they were written with in, readings out.

`message` alone decides why a message is rejected, by way of `reader`. `columns` walks through all rows of a chunk
at once, in the steps of a `plan`, and leaves every one that does not fit plainly to `message`. `decoder` puts the two
together.
"""
