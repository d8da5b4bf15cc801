//! What the user wants: profile files, their search path, inheritance and checks.
