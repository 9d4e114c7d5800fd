//! An uploaded file becomes a sorted, deduplicated list.
