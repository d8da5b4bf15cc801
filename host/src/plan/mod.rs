//! Steps with their reasons, what a plan does to facts (pure), and the invariants no plan may break.
