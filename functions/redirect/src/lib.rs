//! Short links and image links.
