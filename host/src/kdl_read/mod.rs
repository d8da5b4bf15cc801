//! Typed reading of KDL: every mistake of a file at once, each with its span and the nearest known word.
