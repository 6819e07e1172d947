//! Nothing: what is tested here spans the workspace, and stands in `it`.
