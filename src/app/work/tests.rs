//! The page's answers on recorded machines.
