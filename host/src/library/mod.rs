//! The one door that the program, and later a service, uses.
