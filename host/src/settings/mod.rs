//! Who chose what: default < config < profile < command line; each value knows its source.
